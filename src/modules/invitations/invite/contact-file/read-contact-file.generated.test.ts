import fc from 'fast-check';
import { entriesOf } from '../../../../../test/support/contact-file/contact-file-support.js';
import {
  CELLS,
  ENCODINGS,
  LAYOUTS,
  write,
  type WrittenFile,
  type WrittenRow,
} from '../../../../../test/support/contact-file/written-contact-file.js';

const RUNS = 300;
const KINDS = Object.keys(CELLS) as (keyof typeof CELLS)[];
const PLAIN: WrittenRow = { kind: 'plain', name: 'Ada', notes: '', second: false };

const aRow: fc.Arbitrary<WrittenRow> = fc.record({
  kind: fc.constantFrom(...KINDS),
  name: fc.constantFrom('Ada', 'Zoë', 'Müller', 'O’Brien', 'Ada "Countess" Byron', '100 €'),
  notes: fc.constantFrom(
    '',
    'one; two, three\tfour',
    'Line one\nline two',
    '"Hi" she said,\n\nthen left',
    'boss@clinic',
    '5" pipe',
  ),
  second: fc.boolean(),
});

const aFile: fc.Arbitrary<WrittenFile> = fc
  .record({
    layout: fc.constantFrom(...(Object.keys(LAYOUTS) as (keyof typeof LAYOUTS)[])),
    encoding: fc.constantFrom(...ENCODINGS),
    separator: fc.constantFrom(',', ';', '\t'),
    lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
    quoteAll: fc.boolean(),
    endsWithLineEnd: fc.boolean(),
    rows: fc.array(aRow, { maxLength: 30 }),
  })
  // Without a header the first row has an address, because the reader would take it for a header.
  .map((file) => (LAYOUTS[file.layout] ? file : { ...file, rows: [PLAIN, ...file.rows] }));

describe('contact files that a generator wrote', () => {
  it(`are read as the generator meant them, ${RUNS} of them in chunks of every size`, async () => {
    const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);
    process.stdout.write(`generated contact files: TEST_SEED=${String(seed)}\n`);
    const asMeant = fc.asyncProperty(aFile, fc.constantFrom(1, 2, 5, 100, 100_000), async (file, chunk) => {
      const { bytes, gives } = write(file);
      fc.pre(bytes.length > 0);
      const found = await entriesOf(bytes, chunk);
      expect(
        found.map((entry) => ('reason' in entry ? `${entry.line} ${entry.reason}` : `${entry.line} ${entry.email}`)),
      ).toEqual(gives);
    });
    await fc.assert(asMeant, { seed, numRuns: RUNS });
  });
});
