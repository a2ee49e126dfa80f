/** An app for Android, by its package and the SHA-256 fingerprints of its certificates. */
export interface AndroidApp {
  packageName: string;
  /** 32 bytes in upper-case hexadecimal, separated by colons. */
  fingerprints: readonly string[];
}

/** The apps that may open our links. */
export interface AppAssociation {
  /** Team id and bundle id, separated by a full stop. */
  appleAppIds: readonly string[];
  androidApps: readonly AndroidApp[];
}

/** The settings of the patients' app. A deployment may have its own store links. */
export class AppSettings {
  constructor(
    readonly stores: { appStoreUrl: string | null; playStoreUrl: string | null },
    /** The URL that opens a page in the app. `{url}` stands for the page's address, percent-encoded. */
    readonly deepLink: string | null,
    readonly association: AppAssociation,
  ) {}
}
