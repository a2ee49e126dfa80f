import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { type Scope, Scopes } from '../access/access.contract.js';
import { placeName } from '../access/access.domain.contract.js';
import {
  type GrantDescription,
  InvitationLinks,
  InvitationLocator,
  invitationOf,
  type LinkView,
  type ResolvedInvitation,
  ReadLink,
} from '../invitations/invitations.contract.js';
import { mustBeCurrent } from '../invitations/invitations.domain.contract.js';
import { People } from '../people/people.contract.js';
import { Clock } from '../../shared/time/clock.js';
import { isLocale, type Locale } from '../../shared/mail/locales.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { ReadAppLinks } from '../patients/patients.contract.js';

/** What the visitor of a link can do about it. */
type Situation = 'new-account' | 'sign-in' | 'confirm' | 'wrong-account';

/** The grant and its scope: the view of pages/parts/grant.hbs. */
interface Given {
  kind: string;
  isGroup: boolean;
  place: string;
  roleName: string | null;
  administrator: boolean;
  contentCreator: boolean;
  scopeKind: string;
  scopeName: string;
  /** The organisation that holds the scope. */
  parentName: string | null;
}

/** The view of pages/invitation.hbs. */
interface Offer extends Given {
  token: string;
  situation: Situation;
  inviterName: string | null;
  email: string;
  message: string | null;
  expiresAt: string;
  /** The address of the signed-in visitor. */
  viewerEmail: string | null;
}

/** What pages/decline.hbs asks about. */
type Declinable = Pick<Given, 'isGroup' | 'place'>;

/** The view of pages/welcome.hbs. Patients go on in the app, where there is one. */
interface Accepted extends Given {
  appStoreUrl: string | null;
  playStoreUrl: string | null;
  anyStore: boolean;
}

const NO_STORES = { appStoreUrl: null, playStoreUrl: null };

/** What a link offers to its visitor. */
@Injectable()
export class InvitationOffers {
  constructor(
    private readonly queries: QueryBus,
    private readonly links: InvitationLinks,
    private readonly scopes: Scopes,
    private readonly people: People,
    private readonly locator: InvitationLocator,
    private readonly clock: Clock,
  ) {}

  /** Changes nothing. @throws RuleBroken with the code of a link that can't be used any more, or at the moment */
  async read(token: string, viewer: string | null): Promise<Offer> {
    const link = await this.queries.execute(new ReadLink(token));
    // Checked now, so that nobody types a name and a password in vain.
    if ((await this.scopes.load(link.scope))?.archived) throw new RuleBroken('scope-archived');
    if (link.refusal) throw new RuleBroken(link.refusal);
    const { personId } = await this.links.open(token);
    return {
      ...givenBy(link.kind, link, { ...link.scope, organisation: link.organisation }),
      token,
      situation: situationOf(link, personId, viewer),
      inviterName: link.invitedBy.name,
      email: link.email,
      message: link.message ?? null,
      expiresAt: link.expiresAt,
      viewerEmail: viewer === null ? null : ((await this.people.getByIds([viewer])).get(viewer)?.email ?? null),
    };
  }

  /** What would be declined. Changes nothing. @throws RuleBroken as declining does */
  async toDecline(token: string, viewer: string | null): Promise<Declinable> {
    const resolved = await this.links.open(token);
    if (viewer !== null && viewer !== resolved.personId) throw new RuleBroken('wrong-account');
    return this.declinable(resolved);
  }

  /** The same for the visitor's own invitation, by its id. @throws RuleBroken `not-found`, also for somebody else's */
  async ownToDecline(viewer: string, invitationId: string): Promise<Declinable> {
    return this.declinable(await this.locator.locateOwn(viewer, invitationId));
  }

  private async declinable({ policy, scope: ref, issue, history }: ResolvedInvitation): Promise<Declinable> {
    mustBeCurrent(invitationOf(history), issue, this.clock.now());
    const scope = await this.scopes.load(ref);
    if (!scope) throw new RuleBroken('invitation-not-found');
    if (scope.archived) throw new RuleBroken('scope-archived');
    const { isGroup, place } = givenBy(policy.kind, {}, scope);
    return { isGroup, place };
  }

  /** What an accepted invitation gave, and what comes next. @throws RuleBroken `invitation-not-found` */
  async accepted(token: string): Promise<Accepted> {
    const { policy, scope: ref, organisationId, history } = await this.links.open(token);
    const [invitation, scope] = [invitationOf(history), await this.scopes.load(ref)];
    if (invitation.status === 'none' || !scope) throw new RuleBroken('invitation-not-found');
    const [description = {}] = await policy.describe([{ grant: invitation.grant, organisationId }]);
    const stores = policy.kind === 'patient' ? await this.queries.execute(new ReadAppLinks(scope.id)) : NO_STORES;
    return {
      ...givenBy(policy.kind, description, scope),
      ...stores,
      anyStore: stores.appStoreUrl !== null || stores.playStoreUrl !== null,
    };
  }

  /** The language of the invitation, whatever its state; undefined for a link that leads nowhere. */
  async localeOf(token: string): Promise<Locale | undefined> {
    try {
      const invitation = invitationOf((await this.links.open(token)).history);
      return invitation.status !== 'none' && isLocale(invitation.locale) ? invitation.locale : undefined;
    } catch (error) {
      if (error instanceof RuleBroken) return undefined;
      throw error;
    }
  }
}

function givenBy(
  kind: string,
  { roleName, administrator, contentCreator }: GrantDescription,
  scope: Pick<Scope, 'kind' | 'id' | 'name' | 'organisation'>,
): Given {
  const { organisation } = scope;
  return {
    kind,
    isGroup: kind === 'groupMember',
    place: placeName(scope),
    roleName: roleName ?? null,
    administrator: administrator ?? false,
    contentCreator: contentCreator ?? false,
    scopeKind: scope.kind,
    scopeName: scope.name,
    parentName: organisation && organisation.id !== scope.id ? organisation.name : null,
  };
}

function situationOf(link: LinkView, invitee: string, viewer: string | null): Situation {
  if (viewer !== null) return viewer === invitee ? 'confirm' : 'wrong-account';
  return link.account === 'exists' ? 'sign-in' : 'new-account';
}
