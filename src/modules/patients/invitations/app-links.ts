import { Injectable } from '@nestjs/common';
import { AppSettings } from '../app-settings.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { scopeFrom, scopeStream } from '../../access/access.domain.contract.js';
import { DEPLOYMENT } from '../../deployments/deployments.contract.js';

/** Links to the app in the two stores; null if the app isn't in that store. */
export type StoreLinks = { appStoreUrl: string | null; playStoreUrl: string | null };

/** Links to the app: the deployment's own, otherwise the installation's. */
@Injectable()
export class AppLinks {
  constructor(
    private readonly settings: AppSettings,
    private readonly store: EventStore,
  ) {}

  async storesOf(deploymentId: string): Promise<StoreLinks> {
    const deployment = scopeFrom(DEPLOYMENT, await this.store.read(scopeStream(DEPLOYMENT, deploymentId)));
    const own = deployment.status === 'unknown' ? null : deployment.profile;
    const { appStoreUrl, playStoreUrl } = this.settings.stores;
    return { appStoreUrl: own?.appStoreUrl ?? appStoreUrl, playStoreUrl: own?.playStoreUrl ?? playStoreUrl };
  }

  /** The URL that opens the page in the app; null if no deep link is configured. */
  deepLink(url: string): string | null {
    return this.settings.deepLink?.replaceAll('{url}', encodeURIComponent(url)) ?? null;
  }
}
