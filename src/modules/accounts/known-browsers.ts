import { createHmac, createSecretKey, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import { cookiesNamed, type CookieAttributes } from '../../shared/http/cookies.js';

const COOKIE = 'rolecall.device';
/** The longest age that browsers accept. */
const MAX_AGE_SECONDS = 400 * 24 * 60 * 60;
/** The number of accounts for which one browser is known. The cookie keeps those that signed in last. */
const MOST_ACCOUNTS = 4;
const SEPARATOR = '~';

/**
 * Knows browsers in which a person signed in before, by a cookie that outlives the session. For each account the cookie
 * holds a random id, and our signature over id and account. It doesn't reveal the account. Source: OWASP, device
 * cookies
 */
export class KnownBrowsers {
  private readonly secret: KeyObject;

  constructor(
    secret: Buffer,
    private readonly attributes: CookieAttributes,
  ) {
    this.secret = createSecretKey(secret);
  }

  /**
   * The browser's id for the account; null when the browser isn't known for it.
   * @param account its normalised address
   */
  idFor(account: string, cookie: string | undefined): string | null {
    const own = entriesIn(cookie).find((entry) => this.isFor(account, entry));
    return own?.split('.')[0] ?? null;
  }

  /** The Set-Cookie header value that makes the browser known for the account. The browser stays known for others. */
  remember(account: string, cookie: string | undefined): string {
    const id = randomBytes(16).toString('base64url');
    const others = entriesIn(cookie).filter((entry) => !this.isFor(account, entry));
    const entries = [`${id}.${this.sign(account, id)}`, ...others].slice(0, MOST_ACCOUNTS);
    return this.attributes.set(COOKIE, entries.join(SEPARATOR), MAX_AGE_SECONDS);
  }

  /** The Set-Cookie header values after which the browser is no longer known for the account. */
  forget(account: string, cookie: string | undefined): string[] {
    const others = entriesIn(cookie).filter((entry) => !this.isFor(account, entry));
    return others.length === 0
      ? this.attributes.clear(COOKIE)
      : [this.attributes.set(COOKIE, others.join(SEPARATOR), MAX_AGE_SECONDS)];
  }

  private isFor(account: string, entry: string): boolean {
    const [id = '', signature = ''] = entry.split('.');
    const [given, ours] = [Buffer.from(signature), Buffer.from(this.sign(account, id))];
    return given.length === ours.length && timingSafeEqual(given, ours);
  }

  private sign(account: string, id: string): string {
    return createHmac('sha256', this.secret).update(`device\n${id}\n${account}`).digest('base64url');
  }
}

function entriesIn(cookie: string | undefined): string[] {
  return cookiesNamed(cookie, COOKIE)
    .flatMap((value) => value.split(SEPARATOR))
    .slice(0, MOST_ACCOUNTS);
}
