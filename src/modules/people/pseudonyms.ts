import { LRUCache } from 'lru-cache';
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type Cipheriv,
  type Decipheriv,
  type KeyObject,
} from 'node:crypto';
import type { Database } from '../../shared/database/database.js';
import { installationKey } from '../../shared/crypto/installation-key.js';

const KEY_NAME = 'pseudonyms';
/** AES without chaining is safe here, because each id is one block and has one meaning under each key. */
const ALGORITHM = 'aes-256-ecb';
const BLOCK = 16;
const MAX_VIEWS = 1000;
const PSEUDONYM_CHARACTERS = 12;
/** Source: Crockford's base32; no I, L, O, U */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

interface ViewCiphers {
  encrypt: Cipheriv;
  decrypt: Decipheriv;
}

/**
 * Pseudonyms and aliases for readers who may not identify people, by a key of the installation's own. A view is the id
 * of an organisation or a scope. A person has other pseudonyms and aliases in another view. Source: docs/domain.md
 * §5.3, ADR 0029
 */
export class Pseudonyms {
  private readonly ciphers = new LRUCache<string, ViewCiphers>({
    max: MAX_VIEWS,
    memoMethod: (view) => this.newCiphers(view),
  });
  private key: KeyObject | undefined;

  constructor(
    private readonly database: Database,
    private readonly masterKey: Buffer,
  ) {}

  /** Reads the key, or makes it at the first start. @throws OtherMasterKey */
  async open(): Promise<void> {
    this.key = createSecretKey(await installationKey(this.database, this.masterKey, KEY_NAME));
  }

  /** `P-` and twelve characters, which hold 60 bits. */
  pseudonymOf(view: string, personId: string): string {
    let bits = this.mac(`pseudonym|${view}|${personId}`).readBigUInt64BE() >> 4n;
    let text = '';
    for (let n = 0; n < PSEUDONYM_CHARACTERS; n += 1) {
      text = (DIGITS[Number(bits & 31n)] ?? '') + text;
      bits >>= 5n;
    }
    return `P-${text}`;
  }

  /** Aliases of ids, in their order. Each is a UUID of the same version as its id. */
  aliases(view: string, ids: readonly string[]): string[] {
    return walk(this.ciphers.memo(view).encrypt, ids);
  }

  alias(view: string, id: string): string {
    return this.aliases(view, [id])[0] ?? '';
  }

  /** The id that has this alias in the view. Every UUID is the alias of some id, which may belong to no thing. */
  storedId(view: string, alias: string): string {
    return walk(this.ciphers.memo(view).decrypt, [alias])[0] ?? '';
  }

  /** Functions that translate stored ids for a reader's cursors, and back. */
  forCursors({
    identifies,
    view,
  }: {
    identifies: boolean;
    view: string;
  }): [shown: (id: string) => string, stored: (id: string) => string] {
    const same = (id: string): string => id;
    return identifies ? [same, same] : [(id) => this.alias(view, id), (alias) => this.storedId(view, alias)];
  }

  private newCiphers(view: string): ViewCiphers {
    const key = this.mac(`alias|${view}`);
    return {
      encrypt: createCipheriv(ALGORITHM, key, null).setAutoPadding(false),
      decrypt: createDecipheriv(ALGORITHM, key, null).setAutoPadding(false),
    };
  }

  private mac(text: string): Buffer {
    if (!this.key) throw new TypeError('the key was not opened');
    return createHmac('sha256', this.key).update(text).digest();
  }
}

/**
 * Encrypts or decrypts each id until the result is a UUID of the same version ("cycle walking"). That is a permutation
 * of these UUIDs, which the other direction undoes. An id takes 64 rounds on average. One call of the cipher does a
 * round for all ids.
 */
function walk(cipher: Cipheriv | Decipheriv, ids: readonly string[]): string[] {
  const found: string[] = [];
  let waiting = ids.map((id, index) => {
    const block = Buffer.from(id.replaceAll('-', ''), 'hex');
    return { index, block, shape: shapeOf(block) };
  });
  while (waiting.length > 0) {
    const out = cipher.update(Buffer.concat(waiting.map(({ block }) => block)));
    waiting = waiting.flatMap(({ index, shape }, n) => {
      const block = out.subarray(n * BLOCK, (n + 1) * BLOCK);
      if (shapeOf(block) !== shape) return [{ index, shape, block }];
      found[index] = block.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
      return [];
    });
  }
  return found;
}

/** Version and variant. Source: RFC 9562 §4 */
function shapeOf(block: Uint8Array): number {
  return ((block[6] ?? 0) & 0xf0) | ((block[8] ?? 0) >> 6);
}
