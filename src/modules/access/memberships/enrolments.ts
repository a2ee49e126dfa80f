import type { StreamSource } from '../../../shared/event-sourcing/read-set.js';

export type EnrolmentStatus = 'none' | 'active' | 'offboarded';

/** Who is a patient where. Implemented by the patients context on membership streams; shared code knows only this. */
export abstract class Enrolments {
  /** As `reads` has the stream; absent: at this moment. */
  abstract statusIn(personId: string, deploymentId: string, reads?: StreamSource): Promise<EnrolmentStatus>;

  /** Whether the person is enrolled in any deployment of the organisation, offboarded included. May not know yet of one enrolled a moment ago; never counts one who is gone. */
  abstract anyWithin(personId: string, organisationId: string, reads?: StreamSource): Promise<boolean>;
}
