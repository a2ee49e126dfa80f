/** Where people reach this installation. Known once the server listens, when no PUBLIC_URL was set. */
export class PublicUrl {
  private url: string | null;

  constructor(configured: string | null) {
    this.url = configured;
  }

  /** Told by the server when it listens; a configured address stays. */
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

  /** Where a patient link leads. */
  join(token: string): string {
    return `${this.base}/join/${token}`;
  }

  /** Where mails of an organisation are switched off. */
  unsubscribe(token: string): string {
    return `${this.base}/unsubscribe/${token}`;
  }

  /** Where a mailed link leads. */
  invitation(token: string): string {
    return `${this.base}/invitations/${token}`;
  }
}
