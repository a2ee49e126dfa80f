import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  open,
  openBytes,
  openField,
  seal,
  sealField,
  type PersonKey,
  type SealedPlace,
} from '../../../src/shared/crypto/sealing.js';
import { check } from '../../support/check.js';

const ann: PersonKey = { personId: '22222222-0000-4000-8000-000000000001', key: randomBytes(32) };
const place: SealedPlace = { stream: 'staff-1', eventId: 'event-1', field: 'reason' };
/** The bytes that sealing adds: IV and tag. */
const EXTRA_BYTES = 28;
const TYPESCRIPT = join(import.meta.dirname, '../../runner/typescript.mjs');

function tampered(sealed: string, change: (bytes: Buffer) => Buffer): string {
  return change(Buffer.from(sealed, 'base64url')).toString('base64url');
}

describe('a sealed field', () => {
  it.each([
    ['text', 'Because of the ward'],
    ['nothing', ''],
    ['several scripts', 'Jürgen 例え 🙂 \u0000 \ud83d\udc68\u200d⚕️'],
    ['2,000 characters', 'ü'.repeat(2000)],
  ])('holds %s', (_, text) => {
    const field = sealField(ann, place, text);
    expect(field.personId).toBe(ann.personId);
    expect(Object.keys(field).sort()).toEqual(['personId', 'sealed']);
    expect(openField(ann, place, field)).toBe(text);
  });

  it('holds any text', () => {
    check(
      'sealing',
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(openField(ann, place, sealField(ann, place, text))).toBe(text);
      }),
    );
    check(
      'sealing bytes',
      fc.property(fc.uint8Array(), (bytes) => {
        expect(openBytes(ann.key, 'x', seal(ann.key, 'x', Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('shows only the length of the text, and never has the same form twice', () => {
    const [one, two] = [sealField(ann, place, 'secret'), sealField(ann, place, 'secret')];
    expect(one.sealed).not.toBe(two.sealed);
    expect(Buffer.from(one.sealed, 'base64url')).toHaveLength('secret'.length + EXTRA_BYTES);
    expect(Buffer.from(one.sealed, 'base64url').includes('secret')).toBe(false);
  });

  it('is not opened with another key', () => {
    expect(() => openField({ ...ann, key: randomBytes(32) }, place, sealField(ann, place, 'secret'))).toThrow();
  });

  it.each([{ stream: 'staff-2' }, { eventId: 'event-2' }, { field: 'name' }])(
    'is not opened in another place: %j',
    (elsewhere) => {
      expect(() => openField(ann, { ...place, ...elsewhere }, sealField(ann, place, 'secret'))).toThrow();
    },
  );

  it('is not opened after a change of any bit', () => {
    const sealed = seal(ann.key, 'here', 'secret');
    const bits = Buffer.from(sealed, 'base64url').length * 8;
    const opened = Array.from({ length: bits }, (_, bit) => bit).filter((bit) => {
      const other = tampered(sealed, (bytes) => {
        bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        return bytes;
      });
      try {
        open(ann.key, 'here', other);
        return true;
      } catch {
        return false;
      }
    });
    expect(bits).toBe(('secret'.length + EXTRA_BYTES) * 8);
    expect(opened).toEqual([]);
  });

  it('is not opened when bytes are missing or added', () => {
    const sealed = seal(ann.key, 'here', 'secret');
    for (let length = 0; length < 'secret'.length + EXTRA_BYTES; length += 1) {
      expect(() =>
        open(
          ann.key,
          'here',
          tampered(sealed, (bytes) => bytes.subarray(0, length)),
        ),
      ).toThrow();
    }
    expect(() =>
      open(
        ann.key,
        'here',
        tampered(sealed, (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])),
      ),
    ).toThrow();
  });

  it('is not opened when its tag is shorter than 16 bytes', () => {
    const sealed = seal(ann.key, 'here', 'secret');
    for (const length of [4, 8, 12, 13, 14, 15]) {
      expect(() =>
        open(
          ann.key,
          'here',
          tampered(sealed, (bytes) => bytes.subarray(0, length)),
        ),
      ).toThrow(/Invalid authentication tag length|initialization vector/);
    }
  });

  it('is sealed and opened without a warning of Node, also when it is cut short', () => {
    const script = `
      import { open, seal } from ${JSON.stringify(join(import.meta.dirname, '../../../src/shared/crypto/sealing.ts'))};
      const key = Buffer.alloc(32, 7);
      const sealed = seal(key, 'here', 'secret');
      if (open(key, 'here', sealed) !== 'secret') throw new Error('not what was sealed');
      for (let bytes = 0; bytes < 34; bytes += 1) {
        try { open(key, 'here', Buffer.from(sealed, 'base64url').subarray(0, bytes).toString('base64url')); process.exitCode = 1; } catch {}
      }`;
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--throw-deprecation', `--import=${TYPESCRIPT}`, '--input-type=module', '--eval', script],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([0, '']);
  });

  it('keeps its format for ever: IV, text and tag in this order, bound to stream, event and field', () => {
    const field = { personId: ann.personId, sealed: 'AAECAwQFBgcICQoLUkJVAnpst2mHLXweE9i0h6k88YavgUmZjGB33g' };
    expect(
      openField(
        { ...ann, key: Buffer.alloc(32, 7) },
        { stream: 'staff-1', eventId: 'event-1', field: 'reason' },
        field,
      ),
    ).toBe('Jürgen 🙂');
  });
});
