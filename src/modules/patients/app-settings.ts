/** What the configuration says of the app that patients use; a deployment may have its own store links. */
export class AppSettings {
  constructor(
    readonly stores: { appStoreUrl: string | null; playStoreUrl: string | null },
    /** Opens a page in the app: `{url}` stands for its address, encoded. */
    readonly deepLink: string | null,
  ) {}
}
