/** The address of this installation. Without PUBLIC_URL it is known once the server listens. */
export class PublicUrl {
  private url: string | null;

  constructor(configured: string | null) {
    this.url = configured;
  }

  /** Sets the address that the server listens on, unless one is configured. */
  listeningOn(url: string): void {
    this.url ??= url;
  }

  /** Without a trailing slash. */
  get base(): string {
    if (this.url === null) throw new TypeError('the server does not listen yet');
    return this.url;
  }

  get origin(): string {
    return new URL(this.base).origin;
  }

  /** The address that a patient link leads to. */
  join(token: string): string {
    return `${this.base}/join/${token}`;
  }

  /** The address where a recipient unsubscribes from an organisation's mail. */
  unsubscribe(token: string): string {
    return `${this.base}/unsubscribe/${token}`;
  }

  /** The address that a mailed link leads to. */
  invitation(token: string): string {
    return `${this.base}/invitations/${token}`;
  }
}
