import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { Scopes } from '../../access/access.contract.js';
import { DEFAULT_LOCALE, isLocale, type Locale } from '../../../shared/mail/texts.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Subscriptions } from './subscriptions.js';
import { InvitationLinks } from '../links/invitation-links.js';

export interface UnsubscribeLinkView {
  /** The organisation whose invitation mails the link stops. */
  organisationName: string;
  isUnsubscribed: boolean;
  /** The language of the invitation that the link came with. */
  locale: Locale;
}

/** Says what an unsubscribe link would stop. Changes nothing, because mail scanners follow links. */
export class ReadUnsubscribeLink extends Query<UnsubscribeLinkView> {
  constructor(readonly token: string) {
    super();
  }
}

@QueryHandler(ReadUnsubscribeLink)
export class ReadUnsubscribeLinkHandler implements IQueryHandler<ReadUnsubscribeLink> {
  constructor(
    private readonly links: InvitationLinks,
    private readonly scopes: Scopes,
    private readonly subscriptions: Subscriptions,
  ) {}

  async execute({ token }: ReadUnsubscribeLink): Promise<UnsubscribeLinkView> {
    const { personId, organisationId, locale } = await this.links.open(token, 'unsubscribe');
    const scope = await this.scopes.load(
      organisationId === null ? PLATFORM : { kind: 'organisation', id: organisationId },
    );
    if (!scope) throw new RuleBroken('invitation-not-found');
    return {
      organisationName: scope.name,
      isUnsubscribed: (await this.subscriptions.of([personId])).get(personId)?.has(organisationId) ?? false,
      locale: isLocale(locale) ? locale : DEFAULT_LOCALE,
    };
  }
}
