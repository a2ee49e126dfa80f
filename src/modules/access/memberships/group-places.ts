import type { StreamSource } from '../../../shared/event-sourcing/read-set.js';

/** Who is in groups. Implemented by the groups context on membership streams; shared code knows only this. */
export abstract class GroupPlaces {
  /** Whether the person is a member of any group of the organisation. May not know yet of one who joined a moment ago; never counts one who is gone. */
  abstract anyWithin(personId: string, organisationId: string, reads?: StreamSource): Promise<boolean>;
}
