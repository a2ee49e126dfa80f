/** The settings of the patients' app. A deployment may have its own store links. */
export class AppSettings {
  constructor(
    readonly stores: { appStoreUrl: string | null; playStoreUrl: string | null },
    /** The URL that opens a page in the app. `{url}` stands for the page's address, percent-encoded. */
    readonly deepLink: string | null,
  ) {}
}
