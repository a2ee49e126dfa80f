import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { LinkTokens, type LinkClaim } from './link-token.js';
import { check } from '../../../../test/support/check.js';

const ALPHABET = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
const KINDS = ['order', 'parcel', 'refund', 'voucher'];
const ID = '11111111-0000-4000-8000-000000000001';
const claim: LinkClaim = { kind: 'order', streamUuid: '0f1e2d3c-4b5a-5978-8796-a5b4c3d2e1f0', issue: 3 };

/** Secrets with distinct key ids, which are the first byte of their hash, so that no test depends on chance. */
const [oldest, older, present, strange] = distinctSecrets(4) as [Buffer, Buffer, Buffer, Buffer];

/** Links of four kinds, by these secrets. */
function tokensBy(secrets: readonly Buffer[]): LinkTokens {
  const made = new LinkTokens(secrets);
  for (const [n, kind] of KINDS.entries()) made.register(kind, n + 1);
  return made;
}

function distinctSecrets(count: number): Buffer[] {
  const byKeyId = new Map<string, Buffer>();
  while (byKeyId.size < count) {
    const secret = randomBytes(32);
    byKeyId.set(tokensBy([secret]).derive(claim, ID).slice(0, 1), secret);
  }
  return [...byKeyId.values()];
}

const tokens = tokensBy([present]);
const token = tokens.derive(claim, ID);

const claims: fc.Arbitrary<LinkClaim> = fc.record({
  kind: fc.constantFrom(...KINDS),
  streamUuid: fc.uuid(),
  issue: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
});

describe('a link token', () => {
  it('holds the claims it was derived from, in 51 characters that need no escaping', () => {
    check(
      'link tokens',
      fc.property(claims, fc.uuid(), (some, id) => {
        const derived = tokens.derive(some, id);
        expect(derived).toMatch(/^[A-Za-z0-9_-]{51}$/);
        expect(tokens.read(derived)).toEqual(some);
        expect(tokens.verify(derived, id)).toBe(true);
        expect(tokens.derive(some, id)).toBe(derived);
      }),
    );
  });

  it('can be read without the secret, so a token that is read is not verified', () => {
    const forged = tokensBy([strange]).derive(claim, ID);
    expect(tokens.read(forged)).toEqual(claim);
    expect(tokens.verify(forged, ID)).toBe(false);
  });

  it('is refused with another issue, stream, kind or id', () => {
    check(
      'other claims',
      fc.property(claims, claims, fc.uuid(), fc.uuid(), (one, other, id, otherId) => {
        fc.pre(id !== otherId);
        expect(tokens.verify(tokens.derive(one, id), otherId)).toBe(false);
        for (const part of ['kind', 'streamUuid', 'issue'] as const) {
          if (one[part] === other[part]) continue;
          const mac = Buffer.from(tokens.derive(one, id), 'base64url').subarray(22);
          const head = Buffer.from(tokens.derive({ ...one, [part]: other[part] }, id), 'base64url').subarray(0, 22);
          expect(tokens.verify(Buffer.concat([head, mac]).toString('base64url'), id)).toBe(false);
        }
      }),
    );
  });

  it('is refused after a flip of any bit', () => {
    const bytes = Buffer.from(token, 'base64url');
    expect(bytes).toHaveLength(38);
    const taken = Array.from({ length: bytes.length * 8 }, (_, bit) => bit).filter((bit) => {
      const turned = Buffer.from(bytes);
      turned.writeUInt8(turned.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      return tokens.verify(turned.toString('base64url'), ID);
    });
    expect(taken).toEqual([]);
  });

  it('is refused after a change of any character', () => {
    const others = Array.from(token).flatMap((was, n) =>
      ALPHABET.filter((other) => other !== was).map((other) => token.slice(0, n) + other + token.slice(n + 1)),
    );
    expect(others).toHaveLength(51 * 63);
    expect(others.filter((other) => tokens.verify(other, ID))).toEqual([]);
  });

  it('has one spelling, and other spellings of the same bytes are not read', () => {
    // 51 characters hold 306 bits and 38 bytes need 304, so the last character has two spare bits.
    const last = ALPHABET.indexOf(token.at(-1)!);
    const spare = [1, 2, 3].map((bits) => token.slice(0, -1) + ALPHABET[last | bits]!);
    const spellings = [
      ...spare,
      `${token}=`,
      `${token}==`,
      ` ${token}`,
      `${token}\n`,
      `${token}A`,
      token.slice(0, -1),
      '',
    ];
    for (const spelling of spellings) {
      expect([spelling, tokens.read(spelling), tokens.verify(spelling, ID)]).toEqual([spelling, null, false]);
    }
    for (const spelling of spare) expect(Buffer.from(spelling, 'base64url')).toEqual(Buffer.from(token, 'base64url'));
  });

  it('of an unknown kind is not read', () => {
    const bytes = Buffer.from(token, 'base64url');
    for (const kind of [0, 5, 255]) {
      bytes.writeUInt8(kind, 1);
      expect(tokens.read(bytes.toString('base64url'))).toBeNull();
    }
  });

  it('is never verified from random text', () => {
    check(
      'nonsense tokens',
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 51, maxLength: 51 })),
        (text) => {
          expect(tokens.verify(text, ID)).toBe(false);
        },
      ),
      1000,
    );
  });
});

describe('several secrets', () => {
  const all = tokensBy([present, older, oldest]);

  it('sign only with the first', () => {
    expect(all.derive(claim, ID)).toBe(token);
  });

  it('verify the tokens that any of them signed', () => {
    for (const secret of [present, older, oldest])
      expect(all.verify(tokensBy([secret]).derive(claim, ID), ID)).toBe(true);
  });

  it('refuse a token that another secret signed, also under the key id of one of them', () => {
    const forged = Buffer.from(tokensBy([strange]).derive(claim, ID), 'base64url');
    expect(all.verify(forged.toString('base64url'), ID)).toBe(false);
    forged.writeUInt8(Buffer.from(token, 'base64url').readUInt8(0), 0);
    expect(all.verify(forged.toString('base64url'), ID)).toBe(false);
  });

  it('refuse the right signature under an unknown key id', () => {
    const ids = [present, older, oldest].map((secret) =>
      Buffer.from(tokensBy([secret]).derive(claim, ID), 'base64url').readUInt8(0),
    );
    const unknown = Array.from({ length: 256 }, (_, id) => id).find((id) => !ids.includes(id))!;
    const bytes = Buffer.from(token, 'base64url');
    bytes.writeUInt8(unknown, 0);
    expect(all.verify(bytes.toString('base64url'), ID)).toBe(false);
  });

  it('refuse the links of a secret that was removed', () => {
    expect(tokensBy([older, oldest]).verify(token, ID)).toBe(false);
  });

  it('must include one, because without it nothing is signed or verified', () => {
    expect(() => tokensBy([]).derive(claim, ID)).toThrow('no link secret');
    expect(tokensBy([]).verify(token, ID)).toBe(false);
  });
});

it('links that were mailed years ago still open, because the format and its numbers are permanent', () => {
  const permanent = tokensBy([Buffer.alloc(32, 7)]);
  expect(KINDS.map((kind) => permanent.derive({ ...claim, kind }, ID))).toEqual([
    'SwEPHi08S1pZeIeWpbTD0uHwAAAAA-M6YcNxff0x6-5YtS0AI6g',
    'SwIPHi08S1pZeIeWpbTD0uHwAAAAAwf-KKbEd03gx2oJmfHmGHw',
    'SwMPHi08S1pZeIeWpbTD0uHwAAAAAyMMCwukdFBwDmPJJX56b_Q',
    'SwQPHi08S1pZeIeWpbTD0uHwAAAAAxcG0JqKyModHmAegDc-GLs',
  ]);
});
