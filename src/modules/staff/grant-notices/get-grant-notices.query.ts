import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Authorization } from '../../access/access.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import type { GrantNoticesView } from './grant-notices.dto.js';
import { grantNoticesFrom } from './grant-notices.js';

/** Whether a person wants notices about grants in an organisation, as stored at this moment. */
export class GetGrantNotices extends Query<GrantNoticesView> {
  constructor(
    readonly actor: string,
    readonly organisationId: string,
  ) {
    super();
  }
}

@QueryHandler(GetGrantNotices)
export class GetGrantNoticesHandler implements IQueryHandler<GetGrantNotices> {
  constructor(
    private readonly authorization: Authorization,
    private readonly store: EventStore,
  ) {}

  async execute({ actor, organisationId }: GetGrantNotices): Promise<GrantNoticesView> {
    await this.authorization.requireRead(actor, 'organisation.edit', { kind: 'organisation', id: organisationId });
    return { grants: grantNoticesFrom(await this.store.read(personStream(actor))).has(organisationId) };
  }
}
