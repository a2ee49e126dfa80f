import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { PLATFORM, type ScopeRef } from '../../access/access.domain.contract.js';
import { Scopes } from '../../access/access.contract.js';
import { NO_UNSUBSCRIPTIONS } from './subscription.js';
import { Subscriptions } from './subscriptions.js';
import { unsubscriptionId } from './unsubscription-list.projection.js';
import type { UnsubscriptionView } from './unsubscription.dto.js';

/** The organisations from whose invitation mails a person unsubscribed, sorted by name. */
export class ListOwnUnsubscriptions extends Query<UnsubscriptionView[]> {
  constructor(readonly actor: string) {
    super();
  }
}

@QueryHandler(ListOwnUnsubscriptions)
export class ListOwnUnsubscriptionsHandler implements IQueryHandler<ListOwnUnsubscriptions> {
  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly scopes: Scopes,
  ) {}

  async execute({ actor }: ListOwnUnsubscriptions): Promise<UnsubscriptionView[]> {
    const unsubscribed = (await this.subscriptions.of([actor])).get(actor) ?? NO_UNSUBSCRIPTIONS;
    const refs = [...unsubscribed.keys()].map((id): ScopeRef =>
      id === null ? PLATFORM : { kind: 'organisation', id },
    );
    const scopes = await this.scopes.loadAll(refs);
    const views = [...unsubscribed].flatMap(([id, { since }]) => {
      const scope = scopes.get(id ?? PLATFORM.id);
      return scope
        ? [{ id: unsubscriptionId(actor, id), organisation: { id: scope.id, name: scope.name }, since }]
        : [];
    });
    return views.sort((a, b) => a.organisation.name.localeCompare(b.organisation.name));
  }
}
