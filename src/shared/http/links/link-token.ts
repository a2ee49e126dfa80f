import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { RegistrationFailed } from '../../registration/registration-failed.js';

/** The highest link number, because `PURPOSES` uses the highest bit of the byte. */
const MAX_KIND = 0x7f;
/** The purpose of a link. A token holds the sum of purpose and kind, so that no link serves another purpose. */
const PURPOSES = { open: 0, unsubscribe: 0x80 } as const;
export type LinkPurpose = keyof typeof PURPOSES;

/** What a link claims. Callers must not trust it before `verify`. */
export interface LinkClaim {
  kind: string;
  /** The UUID of the stream `<kind>-<uuid>`. */
  streamUuid: string;
  issue: number;
}

/** key id (1 byte), kind (1), stream uuid (16), issue (4), signature (16): 38 bytes, 51 characters. */
const HEAD_BYTES = 22;
const MAC_BYTES = 16;
const TOKEN = /^[A-Za-z0-9_-]{51}$/;

/** Derives and checks links. No link is stored, because the keys and the log are enough to derive it again. */
export class LinkTokens {
  /** Kinds of links by their permanent numbers, which mailed links contain. */
  private readonly kinds = new Map<number, string>();

  /** @param secrets the first one signs links, and each one verifies them */
  constructor(private readonly secrets: readonly Buffer[]) {}

  /** @throws RegistrationFailed for an invalid number, or one that another kind has */
  register(kind: string, number: number): void {
    if (!Number.isInteger(number) || number < 1 || number > MAX_KIND)
      throw new RegistrationFailed(`the link number ${String(number)} of ${kind} is not from 1 to ${String(MAX_KIND)}`);
    const other = this.kinds.get(number);
    if (other !== undefined) throw new RegistrationFailed(`the link number ${String(number)} of ${kind} is ${other}'s`);
    this.kinds.set(number, kind);
  }

  /** The token for one issue of what has this id. The id isn't in the token, so that nobody can guess a token. */
  derive(claim: LinkClaim, id: string, purpose: LinkPurpose = 'open'): string {
    const [secret] = this.secrets;
    if (!secret) throw new TypeError('no link secret');
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt8(keyId(secret), 0);
    head.writeUInt8(this.numberOf(claim.kind) + PURPOSES[purpose], 1);
    Buffer.from(claim.streamUuid.replaceAll('-', ''), 'hex').copy(head, 2);
    head.writeUInt32BE(claim.issue, 18);
    return Buffer.concat([head, mac(secret, head, id)]).toString('base64url');
  }

  /** The claim of a token; null if it has another purpose or isn't canonical base64url. */
  read(token: string, purpose: LinkPurpose = 'open'): LinkClaim | null {
    const bytes = bytesOf(token);
    if (!bytes) return null;
    const kind = this.kinds.get(bytes.readUInt8(1) - PURPOSES[purpose]);
    if (kind === undefined) return null;
    const hex = bytes.toString('hex', 2, 18);
    const streamUuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return { kind, streamUuid, issue: bytes.readUInt32BE(18) };
  }

  /** Whether the token was signed by one of our keys for what has this id. */
  verify(token: string, id: string): boolean {
    const bytes = bytesOf(token);
    if (!bytes) return false;
    const head = bytes.subarray(0, HEAD_BYTES);
    return this.secrets.some(
      (secret) =>
        keyId(secret) === head.readUInt8(0) && timingSafeEqual(mac(secret, head, id), bytes.subarray(HEAD_BYTES)),
    );
  }

  private numberOf(kind: string): number {
    const [number] = [...this.kinds].find(([, registered]) => registered === kind) ?? [];
    if (number === undefined) throw new TypeError(`the kind ${kind} has no link number`);
    return number;
  }
}

/** Accepts canonical base64url only, because two spellings of one link would be two links. */
function bytesOf(token: string): Buffer | null {
  if (!TOKEN.test(token)) return null;
  const bytes = Buffer.from(token, 'base64url');
  return bytes.toString('base64url') === token ? bytes : null;
}

function mac(secret: Buffer, head: Buffer, id: string): Buffer {
  return createHmac('sha256', secret).update(head).update(id).digest().subarray(0, MAC_BYTES);
}

function keyId(secret: Buffer): number {
  return createHash('sha256').update(secret).digest().readUInt8(0);
}
