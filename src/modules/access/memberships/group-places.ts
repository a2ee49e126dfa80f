import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';

/** Says who is in groups. The groups module implements it on membership streams; other modules know only this class. */
export abstract class GroupPlaces {
  /**
   * Whether the person is a member of any group of the organisation. May miss a membership of a moment ago. Never
   * counts an ended one.
   */
  abstract anyWithin(personId: string, organisationId: string, reads?: StreamSource): Promise<boolean>;
}
