import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
import { Database } from '../../shared/database/database.js';
import { uuids } from '../../shared/database/lists.js';
import { containing } from '../../shared/database/patterns.js';
import { SYSTEM } from '../../shared/event-sourcing/command-handling.js';
import { requireText, type StoredEvent } from '../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../shared/event-sourcing/stream-id.js';
import { rowProjection, type Projection } from '../../shared/projections/projection.js';
import { addressParts } from '../../shared/mail/email-address.js';
import type { People, KnownPerson } from './people.js';
import { openField, type Sealed } from '../../shared/crypto/sealing.js';

/** Read model: plain names and addresses, for lists that need them. */
export const PersonDirectoryTable = defineEntity({
  name: 'person_directory',
  properties: { id: p.uuid().primary(), email: p.text().nullable(), name: p.text().nullable() },
  indexes: [
    {
      name: 'person_directory_by_email',
      expression: `create index person_directory_by_email on person_directory ((coalesce(email, '') collate "C"))`,
    },
    {
      name: 'person_directory_search',
      expression:
        'create index person_directory_search on person_directory using gin (email gin_trgm_ops, lower(name) gin_trgm_ops)',
    },
  ],
});
export type PersonDirectoryTables = InferKyselyDB<typeof PersonDirectoryTable>;
type Row = { id: string; email: string | null; name: string | null };

/**
 * Lists every person who was ever invited. An acceptance adds the name, the person may change it, and events about
 * addresses replace the address. A row of an erased person is empty.
 */
export function personDirectoryProjection(people: People): Projection {
  return rowProjection<Row, Map<string, KnownPerson>>({
    name: 'person-directory',
    table: 'person_directory',
    handles: ['InvitationIssued', 'InvitationAccepted', 'NameChanged', 'AddressChanged', 'AddressChangeUndone'],
    key: personOf,
    prepare: async (events) => people.getByIds(events.map(personOf)),
    evolve(row, event, known) {
      const id = personOf(event);
      const person = known.get(id);
      const opened = (field: string): string | null => {
        const sealed = event.data[field] as Sealed | undefined;
        return sealed && person ? openField(person, { stream: event.stream, eventId: event.id, field }, sealed) : null;
      };
      if (!person) return { id, email: null, name: row?.name ?? null };
      const email = event.type in NEW_ADDRESS ? opened(NEW_ADDRESS[event.type] ?? '') : null;
      // The recorded person may still have the address before a change that was applied here.
      return { id, email: email ?? row?.email ?? person.email, name: opened('name') ?? row?.name ?? null };
    },
  });
}

/** The field that holds the new address, by the type of event on the person's own stream. */
const NEW_ADDRESS: Readonly<Record<string, string>> = { AddressChanged: 'to', AddressChangeUndone: 'address' };

/** Types of events on the person's own stream. */
const OWN: readonly string[] = ['NameChanged', ...Object.keys(NEW_ADDRESS)];

function personOf(event: StoredEvent): string {
  return OWN.includes(event.type) ? StreamId.parse(event.stream).uuid : requireText(event.data, 'personId');
}

/** Sort columns of lists that join the directory. The order of names ignores case. */
export const PERSON_COLUMNS = {
  name: { value: sql`lower(coalesce(person_directory.name, '')) collate "C"`, kind: 'text' },
  email: { value: sql`coalesce(person_directory.email, '') collate "C"`, kind: 'text' },
} as const;

/** A condition for queries that join the directory: the name or the address contains the text. */
export function namesPerson(text: string): RawBuilder<boolean> {
  const name = sql<boolean>`lower(person_directory.name) like ${containing(text.trim().normalize('NFC').toLowerCase())}`;
  return sql<boolean>`(${name} or ${hasAddressWith(text)})`;
}

/**
 * A condition for queries that join the directory: the address contains the text, or the text with its domain in
 * punycode.
 */
export function hasAddressWith(text: string): RawBuilder<boolean> {
  const found = addressParts(text).map((part) => sql<boolean>`person_directory.email like ${containing(part)}`);
  return sql<boolean>`(${sql.join(found, sql` or `)})`;
}

/** Display names of people. */
@Injectable()
export class PersonNames {
  constructor(private readonly database: Database) {}

  /** Names by personId. The result lacks unknown people, and those without a name. */
  async of(personIds: readonly string[]): Promise<Map<string, string>> {
    const ids = uuids(personIds.filter((id) => id !== SYSTEM));
    const rows = await this.database
      .kysely<PersonDirectoryTables>()
      .selectFrom('person_directory')
      .select(['id', 'name'])
      .where(sql<boolean>`id = any(${ids})`)
      .execute();
    return new Map(rows.flatMap(({ id, name }) => (name === null ? [] : [[id, name]])));
  }
}
