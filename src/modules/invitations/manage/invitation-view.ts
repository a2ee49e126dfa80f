import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { type Scope, Scopes } from '../../access/access.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import { isMailable } from '../../../shared/mail/email-address.js';
import { type KnownPerson, People, PersonNames, Pseudonyms } from '../../people/people.contract.js';
import { HAS_FAILED, type OutboxState } from '../../../shared/outbox/outbox.js';
import type { OutboxTables } from '../mails/outbox-table.js';
import { unsubscriptionId, type UnsubscriptionTables } from '../subscriptions/unsubscription-list.projection.js';
import { isPast } from '../domain/expiry-windows.js';
import { identifiesInvitee, type SeenPlace } from '../policy/invitation-access.js';
import { InvitationPolicies, type GrantDescription } from '../policy/invitation-policy.js';
import type { InvitationRow } from './invitation-list.projection.js';
import { INVITATION_MAIL } from '../mails/invitation-mail.projection.js';

/** An invitation as the API shows it. Source: docs/domain.md §5.3 */
export interface InvitationView {
  id: string;
  /** Absent for readers who may not see it. */
  email?: string | null;
  /** Present when `email` is absent. */
  pseudonym?: string;
  /** For readers who may not see the address, `personId` and `id` are aliases. */
  personId: string;
  role?: string;
  roleName?: string;
  administrator?: boolean;
  contentCreator?: boolean;
  state: InvitationRow['state'];
  scope: ScopeRef & { name: string };
  invitedBy: { personId?: string; name: string | null };
  invitedAt: string;
  expiresAt: string;
  issue: number;
  /** `nextTryAt`: the next attempt to send a mail that failed; absent unless one is planned. */
  mail: { state: OutboxState; at: string; nextTryAt?: string };
}

interface PlacedInvitation extends Omit<SeenPlace, 'inviters'> {
  row: InvitationRow;
  /** Whether the reader may identify the inviter. */
  identifiesInviter: boolean;
}

/** Adds addresses, names and mail states to rows. A page takes a fixed number of queries. */
@Injectable()
export class InvitationViews {
  constructor(
    private readonly database: Database,
    private readonly people: People,
    private readonly names: PersonNames,
    private readonly policies: InvitationPolicies,
    private readonly clock: Clock,
    private readonly pseudonyms: Pseudonyms,
    private readonly scopes: Scopes,
  ) {}

  /** @param reader the reader's personId */
  async of(
    reader: string,
    rows: readonly InvitationRow[],
    { scope, sight, inviters }: SeenPlace,
  ): Promise<InvitationView[]> {
    const identified = await inviters(rows.map((row) => row.issued_by));
    return this.ofPlaced(
      reader,
      rows.map((row) => ({ row, scope, sight, identifiesInviter: identified.has(row.issued_by) })),
    );
  }

  /** Views of invitations to several scopes. @param seenIn how the reader sees the people of a scope */
  async ofScopes(
    reader: string,
    rows: readonly InvitationRow[],
    seenIn: (scope: Scope) => SeenPlace,
  ): Promise<InvitationView[]> {
    const scopes = await this.scopes.loadAll(rows.map((row) => ({ kind: row.scope_kind, id: row.scope_id })));
    const placed = await Promise.all(
      rows.map(async (row): Promise<PlacedInvitation[]> => {
        const scope = scopes.get(row.scope_id);
        if (!scope) return [];
        const { sight, inviters } = seenIn(scope);
        return [{ row, scope, sight, identifiesInviter: (await inviters([row.issued_by])).has(row.issued_by) }];
      }),
    );
    return this.ofPlaced(reader, placed.flat());
  }

  /** Views of invitations, each with its scope and how the reader sees it. */
  async ofPlaced(reader: string, placed: readonly PlacedInvitation[]): Promise<InvitationView[]> {
    const rows = placed.map(({ row }) => row);
    const shown = this.shownAs(reader, placed);
    const [people, names, mails, grants] = await Promise.all([
      this.people.getByIds(rows.map((row) => row.person_id)),
      this.names.of(rows.map((row) => row.issued_by)),
      this.mailStates(rows),
      this.describe(rows),
    ]);
    return placed.map(({ row, scope, identifiesInviter }) => ({
      ...(shown.get(row.id) ?? {
        id: row.id,
        email: people.get(row.person_id)?.email ?? null,
        personId: row.person_id,
      }),
      ...grants.get(row.id),
      state: row.state === 'pending' && isPast(iso(row.expires_at), this.clock.now()) ? 'expired' : row.state,
      scope: { kind: scope.kind, id: scope.id, name: scope.name },
      invitedBy: {
        ...(identifiesInviter || row.issued_by === reader ? { personId: row.issued_by } : {}),
        name: names.get(row.issued_by) ?? null,
      },
      invitedAt: iso(row.invited_at),
      expiresAt: iso(row.expires_at),
      issue: row.issue,
      mail: mailOf(people.get(row.person_id), mails(row)),
    }));
  }

  /** Aliases and pseudonyms by invitation id, where the reader may not identify the person. */
  private shownAs(
    reader: string,
    placed: readonly PlacedInvitation[],
  ): Map<string, Pick<InvitationView, 'id' | 'pseudonym' | 'personId'>> {
    const hidden = placed.filter(({ row, sight }) => !identifiesInvitee(reader, row, sight));
    const byView = Map.groupBy(hidden, ({ sight }) => sight.view);
    return new Map(
      [...byView].flatMap(([view, some]) => {
        const aliases = this.pseudonyms.aliases(
          view,
          some.flatMap(({ row }) => [row.id, row.person_id]),
        );
        return some.map(
          ({ row }, n) =>
            [
              row.id,
              {
                id: aliases[2 * n] ?? '',
                pseudonym: this.pseudonyms.pseudonymOf(view, row.person_id),
                personId: aliases[2 * n + 1] ?? '',
              },
            ] as const,
        );
      }),
    );
  }

  private async describe(rows: readonly InvitationRow[]): Promise<Map<string, GrantDescription>> {
    const kinds = [...Map.groupBy(rows, (row) => row.kind)];
    const described = await Promise.all(
      kinds.map(async ([kind, some]) => {
        const grants = await this.policies
          .of(kind)
          .describe(some.map((row) => ({ grant: { role: row.role }, organisationId: row.organisation_id })));
        return some.flatMap((row, n) => (grants[n] ? [[row.id, grants[n]] as const] : []));
      }),
    );
    return new Map(described.flat());
  }

  /**
   * Mail states by row. An unsubscription replaces the state of an open invitation's mail, because the product sends no
   * more mail for it. Uses one statement.
   */
  private async mailStates(rows: readonly InvitationRow[]): Promise<(row: InvitationRow) => InvitationView['mail']> {
    const subscriptionOf = (row: InvitationRow): string => unsubscriptionId(row.person_id, row.organisation_id);
    const { rows: found } = await sql<MailRow>`
      select invitation_id as id, issue, state, at, case when state = 'pending' and ${HAS_FAILED} then due_at end as next_try_at
      from outbox where kind = ${INVITATION_MAIL} and invitation_id = any(${uuids(rows.map((row) => row.id))})
      union all select id, null, 'unsubscribed', at, null from unsubscription where unsubscribed and id = any(${uuids(new Set(rows.filter(isOpen).map(subscriptionOf)))})
      order by at`.execute(this.database.kysely<OutboxTables & UnsubscriptionTables>());
    const states = new Map(found.map((row) => [`${row.id} ${String(row.issue)}`, mailIn(row)]));
    return (row) =>
      (isOpen(row) ? states.get(`${subscriptionOf(row)} null`) : undefined) ??
      states.get(`${row.id} ${String(row.issue)}`) ?? { state: 'pending', at: iso(row.invited_at) };
  }
}

/** What the database knows of a mail, or of an unsubscription, which has no issue. */
interface MailRow {
  id: string;
  issue: number | null;
  state: OutboxState;
  at: string;
  next_try_at: string | null;
}

function mailIn({ state, at, next_try_at: next }: MailRow): InvitationView['mail'] {
  return { state, at: iso(at), ...(next === null ? {} : { nextTryAt: iso(next) }) };
}

/** Whether the invitation may still cause a mail. */
function isOpen({ state }: InvitationRow): boolean {
  return state === 'pending' || state === 'expired';
}

/**
 * An older version may have mailed an invalid address, and reached another mailbox. This version sends no mail there.
 */
function mailOf(person: KnownPerson | undefined, mail: InvitationView['mail']): InvitationView['mail'] {
  return person && !isMailable(person.email) ? { state: 'address-invalid', at: mail.at } : mail;
}

/** Rows from the database hold `Date`s, whose `String()` has no milliseconds. Rows from streams hold ISO texts. */
function iso(time: string | Date): string {
  return new Date(time).toISOString();
}
