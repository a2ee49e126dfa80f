import { Injectable } from '@nestjs/common';
import { AppSettings } from '../app-settings.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { deploymentFrom, deploymentStream } from '../../deployments/deployments.contract.js';

/** Where a patient gets the app. Null means not in that store. */
export type StoreLinks = { appStoreUrl: string | null; playStoreUrl: string | null };

/** Links to the app: the deployment's own, else the installation's. */
@Injectable()
export class AppLinks {
  constructor(
    private readonly settings: AppSettings,
    private readonly store: EventStore,
  ) {}

  async storesOf(deploymentId: string): Promise<StoreLinks> {
    const deployment = deploymentFrom(await this.store.read(deploymentStream(deploymentId)));
    const own = deployment.status === 'unknown' ? null : deployment.profile;
    const { appStoreUrl, playStoreUrl } = this.settings.stores;
    return { appStoreUrl: own?.appStoreUrl ?? appStoreUrl, playStoreUrl: own?.playStoreUrl ?? playStoreUrl };
  }

  /** The same page in the app, on a phone that has it; null when nothing is configured. */
  deepLink(url: string): string | null {
    return this.settings.deepLink?.replaceAll('{url}', encodeURIComponent(url)) ?? null;
  }
}
