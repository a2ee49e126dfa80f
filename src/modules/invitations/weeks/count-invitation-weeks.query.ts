import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Authorization } from '../../access/access.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import { Clock } from '../../../shared/time/clock.js';
import { InvitationPolicies } from '../policy/invitation-policy.js';
import type { InvitationWeeksDto, InvitationWeekView } from './invitation-weeks.dto.js';
import { weeksUntil } from './week.js';

/**
 * How many invitations of a kind were sent, accepted and expired in each of the last weeks, oldest first. The counts of
 * an organisation include those of its deployments in which the caller may list such invitations.
 */
export class CountInvitationWeeks extends Query<InvitationWeekView[]> {
  constructor(
    readonly actor: string,
    readonly scope: ScopeRef,
    readonly dto: InvitationWeeksDto,
  ) {
    super();
  }
}

@QueryHandler(CountInvitationWeeks)
export class CountInvitationWeeksHandler implements IQueryHandler<CountInvitationWeeks> {
  constructor(
    private readonly authorization: Authorization,
    private readonly policies: InvitationPolicies,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async execute({ actor, scope, dto: { kind, weeks: count } }: CountInvitationWeeks): Promise<InvitationWeekView[]> {
    const scopeIds = await this.scopesSeen(actor, kind, scope);
    const weeks = weeksUntil(this.clock.now(), count);
    const { rows } = await sql<InvitationWeekView>`
      select week::text, sum(sent)::int as sent, sum(accepted)::int as accepted, sum(expired)::int as expired
      from invitation_week where scope_id = any(${uuids(scopeIds)}) and kind = ${kind} and week >= ${weeks[0]}::date
      group by week`.execute(this.database.kysely());
    const found = new Map(rows.map((row) => [row.week, row]));
    return weeks.map((week) => found.get(week) ?? { week, sent: 0, accepted: 0, expired: 0 });
  }

  /** @throws RuleBroken `not-found`, `forbidden` */
  private async scopesSeen(actor: string, kind: string, ref: ScopeRef): Promise<readonly string[]> {
    const { permissions } = this.policies.of(kind).type;
    if (!permissions) throw new TypeError(`no permission allows to list the invitations of ${kind}`);
    if (ref.kind === 'organisation')
      return (await this.authorization.requireReadWithin(actor, permissions.view, ref.id)).scopeIds;
    return [(await this.authorization.requireRead(actor, permissions.view, ref)).scope.id];
  }
}
