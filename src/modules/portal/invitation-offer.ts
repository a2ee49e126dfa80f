import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { placeName } from '../../shared/access/place-name.js';
import { InvitationLinks } from '../../shared/invitations/invitation-links.js';
import { invitationOf } from '../../shared/invitations/membership-stream.js';
import { ReadLink, type LinkView } from '../../shared/invitations/read-link.query.js';
import { isLocale, type Locale } from '../../shared/mail/locales.js';
import { People } from '../../shared/privacy/people.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';

/** What somebody who opened a link can do about it. */
type Situation = 'new-account' | 'sign-in' | 'confirm' | 'wrong-account';

/** The view of pages/invitation.hbs. */
interface Offer {
  token: string;
  situation: Situation;
  place: string;
  inviterName: string | null;
  roleName: string | null;
  scopeKind: string;
  scopeName: string;
  /** The organisation a scope is inside of. */
  parentName: string | null;
  email: string;
  message: string | null;
  expiresAt: string;
  /** Of whoever is signed in. */
  viewerEmail: string | null;
}

/** What a link offers, to whoever is looking. */
@Injectable()
export class InvitationOffers {
  constructor(
    private readonly queries: QueryBus,
    private readonly links: InvitationLinks,
    private readonly people: People,
  ) {}

  /** Changes nothing. @throws RuleBroken with the code of a link that is no good any more */
  async read(token: string, viewer: string | null): Promise<Offer> {
    const link = await this.queries.execute(new ReadLink(token));
    const { personId } = await this.links.open(token);
    const { scope, organisation } = link;
    return {
      token,
      situation: situationOf(link, personId, viewer),
      place: placeName({ name: scope.name, organisation }),
      inviterName: link.invitedBy.name,
      roleName: link.roleName ?? null,
      scopeKind: scope.kind,
      scopeName: scope.name,
      parentName: organisation && organisation.id !== scope.id ? organisation.name : null,
      email: link.email,
      message: link.message ?? null,
      expiresAt: link.expiresAt,
      viewerEmail: viewer === null ? null : ((await this.people.reveal([viewer])).get(viewer)?.email ?? null),
    };
  }

  /** The language the invitation was written in, whatever became of it; undefined for a link that leads nowhere. */
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

function situationOf(link: LinkView, invitee: string, viewer: string | null): Situation {
  if (viewer !== null) return viewer === invitee ? 'confirm' : 'wrong-account';
  return link.account === 'exists' ? 'sign-in' : 'new-account';
}
