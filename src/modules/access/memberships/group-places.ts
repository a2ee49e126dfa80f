import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';

/** Who is in groups. The groups module implements it on membership streams; other modules know only this class. */
export abstract class GroupPlaces {
  /**
   * Whether the person is a member of any group of the organisation. A membership of a moment ago may be missed; an
   * ended one is never counted.
   */
  abstract anyWithin(personId: string, organisationId: string, reads?: StreamSource): Promise<boolean>;
}
