import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { ScopeKind } from '../../access/access.domain.contract.js';
import { People } from '../../people/people.contract.js';
import { openField, type PersonKey, type Sealed } from '../../../shared/crypto/sealing.js';
import { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import { SYSTEM } from '../../../shared/event-sourcing/command-handling.js';
import { PositionTokens } from '../../../shared/http/positions/event-position.js';
import type { Locale } from '../../../shared/mail/texts.js';
import type { EntryRow } from '../fold/history-entry.js';
import { PastFacts, type DefinitionVersion, type ScopeVersion, type Version, Versions } from '../reading/past-facts.js';
import type { Viewpoint } from '../reading/viewpoint.js';
import { sentenceOf, WORDS } from '../sentences/sentence.js';
import { changesIn, rolesNamedIn } from './entry-changes.js';
import type { HistoryEntryView, HistoryPerson } from './history.dto.js';

/** What the entries of a page need besides their rows. */
export interface Facts {
  names: Versions<Version & { name: string }>;
  roles: Versions<DefinitionVersion>;
  scopes: Versions<ScopeVersion>;
  addresses: ReadonlyMap<string, string>;
  platformStaff: Versions<Version>;
  people: ReadonlyMap<string, PersonKey>;
  /** Ids of events that caused entries of the page. */
  causes: ReadonlySet<string>;
}

/** Entries as the API shows them. A page takes a fixed number of queries. */
@Injectable()
export class EntryViews {
  constructor(
    private readonly facts: PastFacts,
    private readonly people: People,
    private readonly database: Database,
    private readonly positions: PositionTokens,
  ) {}

  async of(viewpoint: Viewpoint, rows: readonly EntryRow[], locale: Locale): Promise<HistoryEntryView[]> {
    if (rows.length === 0) return [];
    const facts = await this.factsOf(viewpoint, rows);
    return rows.map((row) => this.view(viewpoint, row, facts, locale));
  }

  private view(viewpoint: Viewpoint, row: EntryRow, facts: Facts, locale: Locale): HistoryEntryView {
    const identifies = identifiesSubject(viewpoint, row);
    const [eventId = ''] = viewpoint.seeIds([row.event_id], identifies, row);
    const [causedBy] = facts.causes.has(row.causation) ? viewpoint.seeIds([row.causation], identifies, row) : [];
    const actor = this.personIn(viewpoint, row, row.actor, actorKind(row), facts, locale);
    const subject =
      row.subject === null ? undefined : this.personIn(viewpoint, row, row.subject, row.kind, facts, locale);
    const seesReason = identifies && (!viewpoint.isOfOneself || row.type === 'PatientOffboarded');
    const reason = seesReason ? reasonIn(row, facts.people) : undefined;
    const seesContent = viewpoint.group === row.scope_id;
    return {
      id: eventId,
      eventId,
      number: row.number,
      organisationNumber: row.organisation_number,
      position: this.positions.tokenOf(row.position),
      at: row.recorded_at,
      actor,
      kind: row.kind,
      ...(subject ? { subject } : {}),
      scope: {
        kind: row.scope_kind as ScopeKind,
        id: row.scope_id,
        name: facts.scopes.at(row.scope_id, row.number)?.name ?? WORDS[locale].platform,
      },
      summary: sentenceOf(row, { actor, subject, roles: facts.roles, scopes: facts.scopes, seesContent }, locale),
      hasReason: sealedReason(row) !== undefined,
      ...(reason === undefined ? {} : { reason }),
      changes: changesIn(row, facts, seesContent),
      ...(causedBy === undefined ? {} : { causedBy }),
      correlation: seenCorrelation(viewpoint, row),
    };
  }

  private personIn(
    viewpoint: Viewpoint,
    row: EntryRow,
    personId: string,
    kind: string,
    facts: Facts,
    locale: Locale,
  ): HistoryPerson {
    if (personId === SYSTEM) return { name: WORDS[locale].system, system: true };
    const isPlatformStaff =
      personId === row.actor && !viewpoint.isOfPlatform && facts.platformStaff.at(personId, row.number) !== undefined;
    if (isPlatformStaff && personId !== viewpoint.reader)
      return { name: WORDS[locale].platformStaff, platformStaff: true };
    if (viewpoint.isOfOneself && personId !== viewpoint.reader)
      return { name: facts.names.at(personId, row.number)?.name ?? null };
    const { pseudonym, ...seen } = viewpoint.see(personId, kind, row);
    const name = pseudonym ?? facts.names.at(personId, row.number)?.name ?? facts.addresses.get(personId) ?? null;
    return { ...seen, name };
  }

  private async factsOf(viewpoint: Viewpoint, rows: readonly EntryRow[]): Promise<Facts> {
    const persons = new Set(rows.flatMap(({ actor, subject }) => [actor, ...(subject === null ? [] : [subject])]));
    persons.delete(SYSTEM);
    const ids = [...persons];
    const sealed = rows.flatMap((row) => sealedReason(row)?.personId ?? []);
    const [names, roles, scopes, addresses, platformStaff, people, causes] = await Promise.all([
      this.facts.namesOf(ids),
      this.facts.rolesOf(rows.flatMap(rolesNamedIn)),
      this.facts.scopesOf(rows.map(({ scope_id: id }) => id)),
      this.facts.addressesOf(ids),
      viewpoint.isOfPlatform ? new Versions<Version>([]) : this.facts.platformGrantsOf(ids),
      sealed.length === 0 ? new Map<string, PersonKey>() : this.people.getByIds(sealed),
      this.eventsAmong(rows.map(({ causation }) => causation)),
    ]);
    return { names, roles, scopes, addresses, platformStaff, people, causes };
  }

  private async eventsAmong(ids: readonly string[]): Promise<Set<string>> {
    const { rows } = await sql<{ id: string }>`
      select event_id as id from history_entry where event_id = any(${uuids(new Set(ids.filter(isUuid)))})`.execute(
      this.database.kysely(),
    );
    return new Set(rows.map(({ id }) => id));
  }
}

/** Whether the reader may know whom the entry is about, and so the ids that follow from that person. */
function identifiesSubject(viewpoint: Viewpoint, row: EntryRow): boolean {
  return viewpoint.identifies(row.subject ?? '', row.kind, row);
}

/** The correlation id as the reader may know it. */
export function seenCorrelation(viewpoint: Viewpoint, row: EntryRow): string {
  const { correlation } = row;
  return (
    (isUuid(correlation) && viewpoint.seeIds([correlation], identifiesSubject(viewpoint, row), row)[0]) || correlation
  );
}

/** Actors are staff, unless they act on themselves. */
export function actorKind({ actor, subject, kind }: EntryRow): string {
  return actor === subject ? kind : 'staff';
}

function sealedReason({ data }: EntryRow): Sealed | undefined {
  return (data['reason'] ?? data['message']) as Sealed | undefined;
}

/** The reason or the message; null when the key is gone; undefined when there is none. */
function reasonIn(row: EntryRow, people: ReadonlyMap<string, PersonKey>): string | null | undefined {
  const sealed = sealedReason(row);
  if (!sealed) return undefined;
  const person = people.get(sealed.personId);
  const field = row.data['reason'] === undefined ? 'message' : 'reason';
  return person ? openField(person, { stream: row.stream, eventId: row.event_id, field }, sealed) : null;
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

function isUuid(text: string): boolean {
  return UUID.test(text);
}
