import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { AppLinks, type StoreLinks } from './app-links.js';

/** Where patients of a deployment get the app. This is no secret. */
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
