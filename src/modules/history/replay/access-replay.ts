import type { RecordedEvent } from '../../../shared/event-sourcing/event-store.js';
import type { GrantRow } from '../access/grants-at.js';
import { RoleMeanings } from '../access/role-meanings.js';
import {
  type Books,
  type ExceptionPeriod,
  foldEvent,
  type GrantPeriod,
  type NamePeriod,
  type OfferPeriod,
  RELEASE,
  type RoleDefinitionPeriod,
  type ScopePeriod,
} from '../fold/fold-event.js';
import { LogClock } from '../fold/numbering.js';
import { type Moment, PeriodBook } from '../fold/period.js';

/** The instant of a replay: a time (ISO UTC), the number of the last event that counts, or neither for the log's end. */
export interface ReplayUntil {
  at?: string | undefined;
  number?: number | undefined;
}

/**
 * Folds a log up to an instant and knows who held what in one organisation then. It asks no read model. Memory grows
 * with what holds in the organisation, not with the log. Source: ADR 0053
 */
export class AccessReplay {
  private readonly clock = new LogClock();
  private readonly books: Books;
  private isPast = false;
  /** The last event that counts; null: none does. */
  last: Moment | null = null;

  constructor(
    private readonly organisation: string,
    private readonly until: ReplayUntil,
  ) {
    const isOwn = ({ organisation_id: id }: { organisation_id: string | null }): boolean => id === organisation;
    this.books = {
      grants: new PeriodBook<GrantPeriod>([], isOwn),
      offers: new PeriodBook<OfferPeriod>([], () => false),
      exceptions: new PeriodBook<ExceptionPeriod>([], () => false),
      definitions: new PeriodBook<RoleDefinitionPeriod>([], (role) => role.organisation_id === null || isOwn(role)),
      scopes: new PeriodBook<ScopePeriod>([], isOwn),
      names: new PeriodBook<NamePeriod>([]),
    };
  }

  /**
   * Counts the next events of the log, which are the product's own.
   * @returns false when no later event matters
   */
  take(events: readonly RecordedEvent[]): boolean {
    for (const event of events) if (!this.takeOne(event)) return false;
    for (const book of Object.values(this.books) as Books[keyof Books][]) book.settle();
    return true;
  }

  private takeOne(event: RecordedEvent): boolean {
    const moment = this.clock.next(event);
    this.isPast ||= this.isAfter(moment);
    if (!this.isPast) {
      foldEvent(event, moment, this.books);
      this.last = moment;
      return true;
    }
    // The first release that records what roles mean counts from the log's beginning.
    if (!this.knowsRelease && event.type === 'BuiltInRolesChanged') foldEvent(event, moment, this.books);
    return !this.knowsRelease;
  }

  private get knowsRelease(): boolean {
    return this.books.definitions.current(RELEASE) !== undefined;
  }

  private isAfter({ number, at }: Moment): boolean {
    const { until } = this;
    return (until.at !== undefined && at > until.at) || (until.number !== undefined && number > until.number);
  }

  /** Whether an event that counts created the organisation. */
  get knowsOrganisation(): boolean {
    return this.books.scopes.current(this.organisation) !== undefined;
  }

  /** What roles meant. */
  get meanings(): RoleMeanings {
    return new RoleMeanings(
      [...this.books.definitions.held].map(({ opened_by: openedBy, ...role }) => ({
        ...role,
        opened_by: openedBy ?? '',
      })),
    );
  }

  /** The grants in the organisation and below it, by when they began. In a deleted group nobody holds anything. */
  get grants(): GrantRow[] {
    const stateOf = (scopeId: string): ScopePeriod['state'] | undefined => this.books.scopes.current(scopeId)?.state;
    const isAllArchived = stateOf(this.organisation) === 'archived';
    return this.books.grants
      .where(({ scope_id: scopeId }) => stateOf(scopeId) !== 'deleted')
      .map(({ opened_by: openedBy, ...grant }) => ({
        ...grant,
        opened_by: openedBy ?? '',
        scope_name: this.books.scopes.current(grant.scope_id)?.name ?? null,
        archived: isAllArchived || stateOf(grant.scope_id) === 'archived',
      }))
      .sort((a, b) => a.from_number - b.from_number);
  }

  /** A person's sealed name; undefined: nobody gave them one. */
  nameOf(personId: string): NamePeriod | undefined {
    return this.books.names.current(personId);
  }
}
