import { Injectable } from '@nestjs/common';
import type { RateLimiterPostgres } from 'rate-limiter-flexible';
import { Authorization, MembershipChanges, Roles } from '../../access/access.contract.js';
import { PLATFORM, RoleAssignments } from '../../access/access.domain.contract.js';
import type { ReadSet } from '../../../shared/event-sourcing/append-condition.js';
import { consume } from '../../../shared/rate-limits/consume.js';
import { RateLimits } from '../../../shared/rate-limits/rate-limits.js';
import { beginWork } from '../../../shared/request-context/request-context.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { STAFF_MEMBERSHIP } from '../members/staff-membership.js';

const PER_ADMINISTRATOR = 30;
const PER_MEMBER = 5;

/** Who may help a member with their account, and how often. Source: docs/domain.md §15 */
@Injectable()
export class MemberHelp {
  private readonly byAdministrator: RateLimiterPostgres;
  private readonly byMember: RateLimiterPostgres;

  constructor(
    private readonly changes: MembershipChanges,
    private readonly authorization: Authorization,
    private readonly roles: Roles,
    private readonly roleAssignments: RoleAssignments,
    private readonly limits: RateLimits,
  ) {
    this.byAdministrator = limits.hourly('member-help-administrator', PER_ADMINISTRATOR);
    this.byMember = limits.hourly('member-help-member', PER_MEMBER);
  }

  /**
   * Admits callers who could remove the member, through `reads`. For a person who also holds a role of the platform it
   * admits only super-admins. Nobody helps themselves, because they have routes of their own.
   * @returns the member's personId
   * @throws RuleBroken `not-found`, `forbidden`, `role-not-grantable`, `scope-archived`
   */
  async mustBeAllowed(actor: string, membershipId: string, reads: ReadSet): Promise<string> {
    const { member, scope } = await this.changes.load(STAFF_MEMBERSHIP, membershipId, reads);
    if (member.personId === actor) throw new RuleBroken('forbidden');
    await this.authorization.requireVisible(actor, ['staff.view'], scope, reads);
    const authorization = await this.authorization.requireChange(actor, 'staff.manage', scope, reads);
    await this.roles.mustBeTakeable(member.role, authorization);
    if ((await this.roleAssignments.in(member.personId, [PLATFORM], reads)).length > 0)
      await this.authorization.requireSuperAdmin(actor, PLATFORM, reads);
    return member.personId;
  }

  /** Counts an act for the administrator and for the member. @throws RuleBroken `too-many-requests` with Retry-After */
  async count(act: 'password-reset' | 'sessions', actor: string, personId: string): Promise<void> {
    beginWork();
    const waits = [
      await consume(this.byAdministrator, this.limits.keyOf('member-help', act, actor)),
      await consume(this.byMember, this.limits.keyOf('member-help', act, personId)),
    ].filter((wait) => wait !== null);
    if (waits.length > 0) throw new RuleBroken('too-many-requests', { retryAfter: Math.max(...waits) });
  }
}
