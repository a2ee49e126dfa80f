import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { personStream } from '../../people/people.domain.contract.js';
import { noticesFrom } from './group-notices.js';
import type { NoticesView } from './notices.dto.js';

/** The notices that a person switched on, as stored at this moment. */
export class GetNotices extends Query<NoticesView> {
  constructor(readonly actor: string) {
    super();
  }
}

@QueryHandler(GetNotices)
export class GetNoticesHandler implements IQueryHandler<GetNotices> {
  constructor(private readonly store: EventStore) {}

  async execute({ actor }: GetNotices): Promise<NoticesView> {
    return { groupAcceptances: noticesFrom(await this.store.read(personStream(actor))).acceptances };
  }
}
