import type { StreamSource } from '../event-store/read-set.js';

export type EnrolmentStatus = 'none' | 'active' | 'offboarded';

/** Who is a patient where. Implemented by the patients context on membership streams; shared code knows only this. */
export abstract class Enrolments {
  /** As `reads` has the stream; absent: at this moment. */
  abstract statusIn(personId: string, deploymentId: string, reads?: StreamSource): Promise<EnrolmentStatus>;
}
