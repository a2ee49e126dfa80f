import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { ScopeRef } from '../access/scope-ref.js';
import type { Scope } from '../access/scopes.js';
import { Database } from '../database/database.js';
import { People } from '../privacy/people.js';
import { PersonNames } from '../privacy/person-directory.js';
import type { OutboxState, OutboxTables } from '../reactions/outbox.js';
import { isPast } from './expiry-windows.js';
import { InvitationContexts } from './invitation-context.js';
import type { InvitationRow } from './invitation-list.projection.js';

/** An invitation as the API shows it. Source: DOMAIN §6 */
export interface InvitationView {
  id: string;
  email: string | null;
  role: string;
  roleName: string;
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
  ) {}

  async of(rows: readonly InvitationRow[], scope: Scope): Promise<InvitationView[]> {
    const [people, names, mails] = await Promise.all([
      this.people.reveal(rows.map((row) => row.person_id)),
      this.names.of(rows.map((row) => row.issued_by)),
      this.mailStates(rows),
    ]);
    return Promise.all(
      rows.map(async (row) => ({
        id: row.id,
        email: people.get(row.person_id)?.email ?? null,
        ...(await this.contexts.of(row.kind).describe({ role: row.role })),
        state: row.state === 'pending' && isPast(row.expires_at, new Date()) ? 'expired' : row.state,
        scope: { kind: scope.kind, id: scope.id, name: scope.name },
        invitedBy: { personId: row.issued_by, name: names.get(row.issued_by) ?? null },
        invitedAt: new Date(row.invited_at).toISOString(),
        expiresAt: new Date(row.expires_at).toISOString(),
        issue: row.issue,
        mail: mails.get(`${row.id} ${String(row.issue)}`) ?? { state: 'pending', at: new Date(row.invited_at).toISOString() },
      })),
    );
  }

  private async mailStates(rows: readonly InvitationRow[]): Promise<Map<string, InvitationView['mail']>> {
    const ids = JSON.stringify(rows.map((row) => row.id));
    const found = await this.database
      .kysely<OutboxTables>()
      .selectFrom('outbox')
      .select(['invitation_id', 'issue', 'state', 'at'])
      .where('invitation_id', 'in', sql<string>`(select json_array_elements_text(${ids}::json)::uuid)`)
      .orderBy('at')
      .execute();
    return new Map(
      found.map((row) => [`${row.invitation_id} ${String(row.issue)}`, { state: row.state, at: new Date(row.at).toISOString() }]),
    );
  }
}
