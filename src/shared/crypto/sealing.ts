import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Without this option Node accepts shorter tags and warns. */
const TAG_LENGTH = { authTagLength: TAG_BYTES };

/** A text encrypted under the data key of `personId`: base64url of IV, ciphertext and tag. */
export interface Sealed {
  [key: string]: string;
  personId: string;
  sealed: string;
}

/** The place of a sealed field. The field can't be opened at another place. */
export interface SealedPlace {
  stream: string;
  eventId: string;
  field: string;
}

/** A person's data key, unwrapped. */
export interface PersonKey {
  readonly personId: string;
  readonly key: Buffer;
}

export function sealField(owner: PersonKey, place: SealedPlace, text: string): Sealed {
  return { personId: owner.personId, sealed: seal(owner.key, aad(place), text) };
}

/** @throws when the key, the place or a byte differs from when it was sealed */
export function openField(owner: PersonKey, place: SealedPlace, field: Sealed): string {
  return open(owner.key, aad(place), field.sealed);
}

/** Encrypts with AES-256-GCM and a random IV. Opening needs the same `context`. */
export function seal(key: Buffer | KeyObject, context: string, content: string | Buffer): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, TAG_LENGTH).setAAD(Buffer.from(context));
  return Buffer.concat([iv, cipher.update(content), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

export function open(key: Buffer | KeyObject, context: string, sealed: string): string {
  return openBytes(key, context, sealed).toString('utf8');
}

/** @throws when anything differs from what was sealed */
export function openBytes(key: Buffer | KeyObject, context: string, sealed: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), TAG_LENGTH)
    .setAAD(Buffer.from(context))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
}

function aad({ stream, eventId, field }: SealedPlace): string {
  return `${stream}|${eventId}|${field}`;
}

const POOL_BYTES = 8192;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/**
 * Random bytes for keys and IVs; no byte is given out twice. They are drawn in bulk, because a call of the generator
 * costs more than sealing.
 * @throws RangeError for more than 8192 bytes
 */
export function randomBytes(size: number): Buffer {
  if (size > POOL_BYTES) throw new RangeError('more than the pool holds');
  if (used + size > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = Buffer.from(pool.subarray(used, used + size));
  pool.fill(0, used, used + size);
  used += size;
  return bytes;
}
