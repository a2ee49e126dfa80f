import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';

export type EnrolmentStatus = 'none' | 'active' | 'offboarded';

/**
 * Who is enrolled where. The patients module implements it on membership streams; other modules know only this class.
 */
export abstract class Enrolments {
  /** As `reads` has the stream; without it, as stored at this moment. */
  abstract statusIn(personId: string, deploymentId: string, reads?: StreamSource): Promise<EnrolmentStatus>;

  /**
   * Whether the person is or was enrolled in any deployment of the organisation, offboarded included. An enrolment of a
   * moment ago may be missed; an ended one is never counted.
   */
  abstract anyWithin(personId: string, organisationId: string, reads?: StreamSource): Promise<boolean>;
}
