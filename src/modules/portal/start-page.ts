import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { placeName } from '../access/access.domain.contract.js';
import type { SessionHeaders } from '../accounts/accounts.contract.js';
import { ListOwnInvitations, MailboxProof, type OwnInvitationView } from '../invitations/invitations.contract.js';
import { MAX_LIMIT } from '../../shared/http/lists/pagination.js';
import { GetMe } from '../me/me.contract.js';

/** The start page of a signed-in person: pending invitations and places. */
@Injectable()
export class StartPage {
  constructor(
    private readonly queries: QueryBus,
    private readonly proof: MailboxProof,
  ) {}

  /** The view of pages/home.hbs. */
  async of(viewer: string, headers: SessionHeaders): Promise<object> {
    const [me, waiting] = await Promise.all([
      this.queries.execute(new GetMe(viewer)),
      this.queries.execute(new ListOwnInvitations(viewer, { limit: MAX_LIMIT })),
    ]);
    const { name, email, memberships, groups, enrolments, guestOf } = me;
    return {
      name,
      email,
      memberships,
      groups,
      guestOf,
      enrolments: enrolments.map(({ reason = null, ...enrolment }) => ({ ...enrolment, reason })),
      invitations: waiting.items.map(invitationView),
      // The page says so before the visitor presses a button that would be refused.
      mustUseLink: waiting.items.length > 0 && !(await this.proof.isGiven(viewer, headers)),
      showsRoles: memberships.length > 0 || groups.length + enrolments.length + guestOf.length === 0,
    };
  }
}

function invitationView(invitation: OwnInvitationView): object {
  const { kind, scope, organisation, message, roleName, administrator, contentCreator } = invitation;
  return {
    ...invitation,
    place: placeName({ name: scope.name, organisation }),
    message: message ?? null,
    // The page lists the permissions of a set, because they say more than its name.
    roleName: kind === 'groupMember' ? null : (roleName ?? null),
    administrator: administrator ?? false,
    contentCreator: contentCreator ?? false,
  };
}
