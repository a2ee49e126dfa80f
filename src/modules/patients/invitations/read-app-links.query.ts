import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { AppLinks, type StoreLinks } from './app-links.js';

/** The store links of a deployment's app. They are public, so the query checks no caller. */
export class ReadAppLinks extends Query<StoreLinks> {
  constructor(readonly deploymentId: string) {
    super();
  }
}

@QueryHandler(ReadAppLinks)
export class ReadAppLinksHandler implements IQueryHandler<ReadAppLinks> {
  constructor(private readonly appLinks: AppLinks) {}

  async execute({ deploymentId }: ReadAppLinks): Promise<StoreLinks> {
    return this.appLinks.storesOf(deploymentId);
  }
}
