import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { ScopeRef } from '../access/scope-ref.js';
import type { Scope } from '../access/scopes.js';
import { Clock } from '../clock.js';
import { Database } from '../database/database.js';
import { uuids } from '../database/lists.js';
import { isMailable } from '../privacy/email-address.js';
import { People, type KnownPerson } from '../privacy/people.js';
import { PersonNames } from '../privacy/person-directory.js';
import { pseudonymOf } from '../privacy/pseudonym.js';
import type { OutboxState, OutboxTables } from '../reactions/outbox.js';
import { isPast } from './expiry-windows.js';
import { InvitationContexts, type GrantDescription } from './invitation-context.js';
import type { InvitationRow } from './invitation-list.projection.js';
import { INVITATION_MAIL } from './invitation-mail.reaction.js';

/** An invitation as the API shows it. Source: DOMAIN §6 */
export interface InvitationView {
  id: string;
  /** Absent for readers who may not see it. */
  email?: string | null;
  /** In its place. */
  pseudonym?: string;
  /** Says who it is to whoever may not see the address: the same in every list. */
  personId: string;
  role?: string;
  roleName?: string;
  administrator?: boolean;
  contentCreator?: boolean;
  state: InvitationRow['state'];
  scope: ScopeRef & { name: string };
  invitedBy: { personId: string; name: string | null };
  invitedAt: string;
  expiresAt: string;
  issue: number;
  mail: { state: OutboxState; at: string };
}

/** Adds what lists need to rows: addresses, names, and what the outbox knows of the mail. A fixed number of queries per page. */
@Injectable()
export class InvitationViews {
  constructor(
    private readonly database: Database,
    private readonly people: People,
    private readonly names: PersonNames,
    private readonly contexts: InvitationContexts,
    private readonly clock: Clock,
  ) {}

  /** @param reader personId of whoever will see them */
  async of(reader: string, rows: readonly InvitationRow[], scope: Scope): Promise<InvitationView[]> {
    return this.ofPlaced(reader, rows.map((row) => ({ row, scope })));
  }

  /** Of several scopes. */
  async ofPlaced(reader: string, placed: readonly { row: InvitationRow; scope: Scope }[]): Promise<InvitationView[]> {
    const rows = placed.map(({ row }) => row);
    const [people, names, mails, grants, shown] = await Promise.all([
      this.people.reveal(rows.map((row) => row.person_id)),
      this.names.of(rows.map((row) => row.issued_by)),
      this.mailStates(rows),
      this.describe(rows),
      this.identified(reader, placed),
    ]);
    return placed.map(({ row, scope }) => ({
      id: row.id,
      ...(shown.has(row.id) ? { email: people.get(row.person_id)?.email ?? null } : { pseudonym: pseudonymOf(row.person_id) }),
      personId: row.person_id,
      ...grants.get(row.id),
      state: row.state === 'pending' && isPast(iso(row.expires_at), this.clock.now()) ? 'expired' : row.state,
      scope: { kind: scope.kind, id: scope.id, name: scope.name },
      invitedBy: { personId: row.issued_by, name: names.get(row.issued_by) ?? null },
      invitedAt: iso(row.invited_at),
      expiresAt: iso(row.expires_at),
      issue: row.issue,
      mail: mailOf(people.get(row.person_id), mails.get(`${row.id} ${String(row.issue)}`) ?? { state: 'pending', at: iso(row.invited_at) }),
    }));
  }

  /** The invitations whose address the reader may see: whoever invited knew it, but not who it became. */
  private async identified(reader: string, placed: readonly { row: InvitationRow; scope: Scope }[]): Promise<Set<string>> {
    const places = [...Map.groupBy(placed, ({ row, scope }) => `${row.kind} ${scope.id}`).values()];
    const shown = await Promise.all(places.map(async (some) => {
      const [first] = some;
      const context = first && this.contexts.of(first.row.kind);
      // One's own invitations are all one's own to see.
      const all = !first || !context?.mayIdentify || some.every(({ row }) => row.person_id === reader) || (await context.mayIdentify(reader, first.scope));
      return some.filter(({ row }) => all || reader === row.person_id || (row.state !== 'accepted' && reader === (row.invited_by ?? row.issued_by)));
    }));
    return new Set(shown.flat().map(({ row }) => row.id));
  }

  private async describe(rows: readonly InvitationRow[]): Promise<Map<string, GrantDescription>> {
    const kinds = [...Map.groupBy(rows, (row) => row.kind)];
    const described = await Promise.all(kinds.map(async ([kind, some]) => {
      const grants = await this.contexts.of(kind).describe(some.map((row) => ({ grant: { role: row.role }, organisationId: row.organisation_id })));
      return some.flatMap((row, n) => (grants[n] ? [[row.id, grants[n]] as const] : []));
    }));
    return new Map(described.flat());
  }

  private async mailStates(rows: readonly InvitationRow[]): Promise<Map<string, InvitationView['mail']>> {
    const found = await this.database
      .kysely<OutboxTables>()
      .selectFrom('outbox')
      .select(['invitation_id', 'issue', 'state', 'at'])
      .where('kind', '=', INVITATION_MAIL)
      .where(sql<boolean>`invitation_id = any(${uuids(rows.map((row) => row.id))})`)
      .orderBy('at')
      .execute();
    return new Map(
      found.map((row) => [`${row.invitation_id} ${String(row.issue)}`, { state: row.state, at: iso(row.at) }]),
    );
  }
}

/** An older version may have sent a mail to an address that is none: it went to another mailbox, and none will follow it. */
function mailOf(person: KnownPerson | undefined, mail: InvitationView['mail']): InvitationView['mail'] {
  return person && !isMailable(person.email) ? { ...mail, state: 'address-invalid' } : mail;
}

/** Rows of the database hold dates, which read as text lose their milliseconds; folded ones hold ISO texts. */
function iso(time: string | Date): string {
  return new Date(time).toISOString();
}
