import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';

export type EnrolmentStatus = 'none' | 'active' | 'offboarded';

/**
 * Who is enrolled where. The patients module implements it on membership streams; other modules know only this class.
 */
export abstract class Enrolments {
  /** The status as `reads` has the stream; without `reads`, as stored at this moment. */
  abstract statusIn(personId: string, deploymentId: string, reads?: StreamSource): Promise<EnrolmentStatus>;

  /**
   * Whether the person is or was enrolled in any deployment of the organisation, offboarded included. May miss an
   * enrolment of a moment ago. Never counts an ended one.
   */
  abstract anyWithin(personId: string, organisationId: string, reads?: StreamSource): Promise<boolean>;

  /** Ids of the deployments in which the person is an active patient, for lists. May lag. */
  abstract deploymentsOf(personId: string): Promise<string[]>;
}
