import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import type { Database } from '../../database/database.js';
import type { Position } from '../../event-sourcing/event-store.js';
import { installationKey } from '../../crypto/installation-key.js';

const KEY_NAME = 'positions';
const IV_BYTES = 16;
/** Positions are padded to a multiple of this, so that a token's length doesn't reveal the log's length. */
const PADDED = 24;
const TOKEN = /^[A-Za-z0-9_-]{53,200}$/;

/**
 * Turns positions into tokens for callers: encrypted and authenticated with a synthetic IV. The same position has the
 * same token.
 * A readable position would reveal how many events others store, and callers could wait for a guessed one.
 * Source: ADR 0030; construction: RFC 5297
 */
export class PositionTokens {
  /** Key objects, because Node checks a key given as bytes for as long as the rest takes. */
  private keys: { iv: KeyObject; text: KeyObject } | undefined;

  constructor(
    private readonly database: Database,
    private readonly masterKey: Buffer,
  ) {}

  /**
   * Reads the key, or makes it at the first start.
   * @throws OtherMasterKey
   */
  async open(): Promise<void> {
    const key = await installationKey(this.database, this.masterKey, KEY_NAME);
    const derived = (purpose: string): KeyObject => createSecretKey(createHmac('sha256', key).update(purpose).digest());
    this.keys = { iv: derived('iv'), text: derived('text') };
  }

  tokenOf(position: Position): string {
    const text = Buffer.from(position.padEnd(Math.ceil(position.length / PADDED) * PADDED));
    const iv = this.ivOf(text);
    return Buffer.concat([iv, createCipheriv('aes-256-ctr', this.opened.text, iv).update(text)]).toString('base64url');
  }

  /** Returns null for what is no token of this installation. */
  positionIn(token: string): Position | null {
    if (!TOKEN.test(token)) return null;
    const bytes = Buffer.from(token, 'base64url');
    const iv = bytes.subarray(0, IV_BYTES);
    const text = createDecipheriv('aes-256-ctr', this.opened.text, iv).update(bytes.subarray(IV_BYTES));
    return timingSafeEqual(this.ivOf(text), iv) ? text.toString().trimEnd() : null;
  }

  private ivOf(text: Buffer): Buffer {
    return createHmac('sha256', this.opened.iv).update(text).digest().subarray(0, IV_BYTES);
  }

  private get opened(): { iv: KeyObject; text: KeyObject } {
    if (!this.keys) throw new TypeError('the key was not opened');
    return this.keys;
  }
}
