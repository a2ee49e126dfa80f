import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Permanent numbers, because mailed links contain them. */
const KINDS = { staff: 1, patient: 2, groupMember: 3, patientLink: 4 } as const;
export type LinkKind = keyof typeof KINDS;
/** The purpose of a link. It is added to the kind, so that no link serves another purpose. */
const PURPOSES = { open: 0, unsubscribe: 0x80 } as const;
export type LinkPurpose = keyof typeof PURPOSES;

/** What a link claims before its signature is checked. */
export interface LinkClaim {
  kind: LinkKind;
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
  /** @param secrets the first signs, all verify */
  constructor(private readonly secrets: readonly Buffer[]) {}

  /** The token for one issue of one invitation. */
  derive(claim: LinkClaim, invitationId: string, purpose: LinkPurpose = 'open'): string {
    const [secret] = this.secrets;
    if (!secret) throw new TypeError('no link secret');
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt8(keyId(secret), 0);
    head.writeUInt8(KINDS[claim.kind] + PURPOSES[purpose], 1);
    Buffer.from(claim.streamUuid.replaceAll('-', ''), 'hex').copy(head, 2);
    head.writeUInt32BE(claim.issue, 18);
    return Buffer.concat([head, mac(secret, head, invitationId)]).toString('base64url');
  }

  /** The claim of a token; null when it isn't one for this purpose, in the only accepted spelling. */
  read(token: string, purpose: LinkPurpose = 'open'): LinkClaim | null {
    const bytes = bytesOf(token);
    if (!bytes) return null;
    const kind = (Object.keys(KINDS) as LinkKind[]).find(
      (name) => KINDS[name] + PURPOSES[purpose] === bytes.readUInt8(1),
    );
    if (!kind) return null;
    const hex = bytes.toString('hex', 2, 18);
    const streamUuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return { kind, streamUuid, issue: bytes.readUInt32BE(18) };
  }

  /** Whether the token was signed by one of our keys for this invitation. */
  verify(token: string, invitationId: string): boolean {
    const bytes = bytesOf(token);
    if (!bytes) return false;
    const head = bytes.subarray(0, HEAD_BYTES);
    return this.secrets.some(
      (secret) =>
        keyId(secret) === head.readUInt8(0) &&
        timingSafeEqual(mac(secret, head, invitationId), bytes.subarray(HEAD_BYTES)),
    );
  }
}

/** Accepts canonical base64url only, because two spellings of one link would be two links. */
function bytesOf(token: string): Buffer | null {
  if (!TOKEN.test(token)) return null;
  const bytes = Buffer.from(token, 'base64url');
  return bytes.toString('base64url') === token ? bytes : null;
}

function mac(secret: Buffer, head: Buffer, invitationId: string): Buffer {
  return createHmac('sha256', secret).update(head).update(invitationId).digest().subarray(0, MAC_BYTES);
}

function keyId(secret: Buffer): number {
  return createHash('sha256').update(secret).digest().readUInt8(0);
}
