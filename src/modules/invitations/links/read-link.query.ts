import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Permission, ScopeRef } from '../../access/access.domain.contract.js';
import { type Scope, Scopes } from '../../access/access.contract.js';
import { Accounts } from '../../accounts/accounts.contract.js';
import { People, PersonNames } from '../../people/people.contract.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { InvitationPolicy } from '../policy/invitation-policy.js';
import type { Issued } from '../domain/invitation.js';
import { InvitationLinks } from './invitation-links.js';
import { messageOf } from '../domain/membership-stream.js';

const LOST_AUTHORITY = 'inviter-lost-authority';

export interface LinkView {
  kind: string;
  scope: ScopeRef & { name: string };
  organisation: { id: string; name: string } | null;
  role?: string;
  roleName?: string;
  administrator?: boolean;
  contentCreator?: boolean;
  email: string;
  invitedBy: { name: string | null };
  message?: string;
  expiresAt: string;
  /** The number of the terms, which an acceptance may name. */
  terms: number;
  account: 'none' | 'exists';
  /** What the offered role may do; absent for grants without permissions. */
  permissions?: readonly Permission[];
  privacyPolicyUrl: string | null;
  termsUrl: string | null;
  /** The code that refuses every acceptance at this moment. */
  refusal?: typeof LOST_AUTHORITY;
}

/** The offer of a link, for its visitor. Changes nothing. */
export class ReadLink extends Query<LinkView> {
  constructor(readonly token: string) {
    super();
  }
}

@QueryHandler(ReadLink)
export class ReadLinkHandler implements IQueryHandler<ReadLink> {
  constructor(
    private readonly links: InvitationLinks,
    private readonly store: EventStore,
    private readonly scopes: Scopes,
    private readonly people: People,
    private readonly names: PersonNames,
    private readonly accounts: Accounts,
  ) {}

  async execute({ token }: ReadLink): Promise<LinkView> {
    const { policy, stream, invitation, scope: ref } = await this.links.openCurrent(token);
    const [scope, person] = [
      await this.scopes.load(ref),
      (await this.people.getByIds([invitation.personId])).get(invitation.personId),
    ];
    if (!scope || !person) throw new RuleBroken('invitation-not-found');
    const grant = { grant: invitation.grant, organisationId: scope.organisation?.id ?? null };
    const [[description], permissions] = await Promise.all([policy.describe([grant]), policy.permissionsOf(grant)]);
    const message = messageOf(invitation, stream, person);
    return {
      kind: policy.kind,
      scope: { kind: scope.kind, id: scope.id, name: scope.name },
      organisation: scope.organisation,
      ...description,
      email: person.email,
      invitedBy: { name: (await this.names.of([invitation.issuedBy])).get(invitation.issuedBy) ?? null },
      ...(message === null ? {} : { message }),
      ...(permissions === null ? {} : { permissions }),
      ...scope.policies,
      expiresAt: invitation.expiresAt,
      terms: invitation.terms,
      account: (await this.accounts.exists(invitation.personId)) ? 'exists' : 'none',
      ...(await this.refusalOf(policy, invitation, scope)),
    };
  }

  /** Checks before the invitee fills in a form that would be refused. */
  private async refusalOf(
    policy: InvitationPolicy,
    { issuedBy, grant }: Issued,
    scope: Scope,
  ): Promise<Pick<LinkView, 'refusal'>> {
    try {
      await policy.assertInviterStillAuthorised(issuedBy, grant, scope, this.store);
      return {};
    } catch (error) {
      if (error instanceof RuleBroken && error.code === LOST_AUTHORITY) return { refusal: LOST_AUTHORITY };
      throw error;
    }
  }
}
