import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { type Scope, Scopes } from '../access/access.contract.js';
import { type Permission, placeName, type Policies } from '../access/access.domain.contract.js';
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
import { isLocale, type Locale } from '../../shared/mail/texts.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { type PageInApp, ReadAppLinks } from '../patients/patients.contract.js';
import { pathOf } from './shell/place.js';
import type { TextKey } from './texts/texts.en.js';

/** The ways in which the visitor of a link can answer. */
type Situation = 'new-account' | 'sign-in' | 'confirm' | 'wrong-account';

/** The view of pages/parts/grant.hbs: the grant and its scope. */
interface Given {
  kind: string;
  isGroup: boolean;
  place: string;
  roleName: string | null;
  administrator: boolean;
  contentCreator: boolean;
  scopeKind: string;
  scopeName: string;
  /** The organisation of the scope; null for an organisation itself and the platform. */
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
  /** The number of the offer's terms. */
  terms: number;
  /** What the offered role may do; empty for grants without permissions. */
  permissions: readonly Permission[];
  policies: PolicyLink[];
  /** The patients' app; null for other invitations. */
  app: App | null;
  /** The address of the signed-in visitor. */
  viewerEmail: string | null;
}

/** The data of pages/decline.hbs about the invitation. */
type Declinable = Pick<Given, 'isGroup' | 'place'>;

/** The view of pages/welcome.hbs. It has links to the app, because patients continue there. */
interface Accepted extends Given {
  /** The path of the group; null for other invitations. */
  groupPath: string | null;
  app: App | null;
}

/** The view of pages/parts/app-offer.hbs. */
export interface App extends PageInApp {
  anyStore: boolean;
}

/** A link of pages/parts/policies.hbs. */
export interface PolicyLink {
  label: TextKey;
  href: string;
}

/** Reads what a link offers to its visitor. */
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

  /** Changes nothing. @throws RuleBroken as `ReadLink`, or with the code that refuses an acceptance at this moment */
  async read(token: string, viewer: string | null): Promise<Offer> {
    const link = await this.queries.execute(new ReadLink(token));
    // Refuses here, before the visitor fills in a form that would be refused.
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
      terms: link.terms,
      permissions: link.permissions ?? [],
      policies: policyLinks(link),
      app: link.kind === 'patient' ? await this.app(link.scope.id, `/invitations/${token}`) : null,
      viewerEmail: viewer === null ? null : ((await this.people.getByIds([viewer])).get(viewer)?.email ?? null),
    };
  }

  /** The invitation that the link would decline. Changes nothing. @throws RuleBroken as declining does */
  async toDecline(token: string, viewer: string | null): Promise<Declinable> {
    const resolved = await this.links.open(token);
    if (viewer !== null && viewer !== resolved.personId) throw new RuleBroken('wrong-account');
    return this.declinable(resolved);
  }

  /**
   * As `toDecline`, for the visitor's own invitation by its id.
   * @throws RuleBroken `not-found`, also for somebody else's
   */
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

  /** The links to the patients' app of a deployment. @param path the page that the app opens */
  async app(deploymentId: string, path: string): Promise<App | null> {
    const app = await this.queries.execute(new ReadAppLinks(deploymentId, path));
    const anyStore = app.appStoreUrl !== null || app.playStoreUrl !== null;
    return app.appLink === null && !anyStore ? null : { ...app, anyStore };
  }

  /**
   * The grant of the visitor's accepted invitation, and links to the app.
   * @throws RuleBroken `invitation-not-found`, also for an invitation that somebody else accepted or nobody
   */
  async accepted(token: string, viewer: string): Promise<Accepted> {
    const { policy, personId, scope: ref, organisationId, history } = await this.links.open(token);
    const [invitation, scope] = [invitationOf(history), await this.scopes.load(ref)];
    if (invitation.status !== 'accepted' || personId !== viewer || !scope) throw new RuleBroken('invitation-not-found');
    const [description = {}] = await policy.describe([{ grant: invitation.grant, organisationId }]);
    return {
      ...givenBy(policy.kind, description, scope),
      groupPath: policy.kind === 'groupMember' ? pathOf(scope) : null,
      app: policy.kind === 'patient' ? await this.app(scope.id, '/') : null,
    };
  }

  /** The language of the invitation, whatever its status; undefined for a forged link. */
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

/** The policies of a scope as links. */
export function policyLinks({ privacyPolicyUrl, termsUrl }: Policies): PolicyLink[] {
  const policies: [label: TextKey, href: string | null][] = [
    ['place.privacyPolicy', privacyPolicyUrl],
    ['place.terms', termsUrl],
  ];
  return policies.flatMap(([label, href]) => (href === null ? [] : [{ label, href }]));
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
