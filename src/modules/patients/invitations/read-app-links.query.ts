import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { PublicUrl } from '../../../shared/http/links/origin.js';
import { AppLinks, type StoreLinks } from './app-links.js';

/** Where a patient gets the app, and the URL that opens a page in it; null for none. */
export interface PageInApp extends StoreLinks {
  appLink: string | null;
}

/** The links to a deployment's app. They are public, so the query checks no caller. */
export class ReadAppLinks extends Query<PageInApp> {
  /** @param path the path of the page that the app opens */
  constructor(
    readonly deploymentId: string,
    readonly path: string,
  ) {
    super();
  }
}

@QueryHandler(ReadAppLinks)
export class ReadAppLinksHandler implements IQueryHandler<ReadAppLinks> {
  constructor(
    private readonly appLinks: AppLinks,
    private readonly publicUrl: PublicUrl,
  ) {}

  async execute({ deploymentId, path }: ReadAppLinks): Promise<PageInApp> {
    const stores = await this.appLinks.storesOf(deploymentId);
    return { ...stores, appLink: this.appLinks.deepLink(`${this.publicUrl.base}${path}`) };
  }
}
