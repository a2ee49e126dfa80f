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
}
