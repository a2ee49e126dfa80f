import { MAX_ROWS } from './contact-file-limits.js';
import { readContactFile } from './read-contact-file.js';
import { leastTurns, type Turns } from '../../../../../test/support/contact-file/turns.js';

const LONGEST_TURN_MS = 100;

/** A file whose next chunk is always ready, so that only the reader itself yields to the event loop. */
async function* manyRows(): AsyncGenerator<Buffer> {
  yield Promise.resolve(Buffer.from('First Name,Last Name,E-mail Address,E-mail 2 Address,Notes\r\n'));
  for (let row = 0; row < MAX_ROWS; row += 500) {
    yield Buffer.from(
      Array.from(
        { length: 500 },
        (_, n) => `Ada,"Byron, ${row + n}",ada.${row + n}@clinic-${row}.example,,some notes\r\n`,
      ).join(''),
    );
  }
}

/** Rows whose one cell holds thousands of addresses and as many words that are no address. */
async function* fullCells(): AsyncGenerator<Buffer> {
  const cell = 'a@b.example;x@y;'.repeat(4000);
  for (let row = 0; row < 20; row++) yield Promise.resolve(Buffer.from(`"${cell}"\n`));
}

/** Reads a file. Returns how many addresses it has, and by how much the heap grew at most. */
async function read(file: AsyncGenerator<Buffer>): Promise<{ addresses: number; grownMiB: number }> {
  const before = process.memoryUsage().heapUsed;
  let most = before;
  let addresses = 0;
  for await (const entry of readContactFile(file)) {
    if (!('reason' in entry)) addresses += 1;
    if (addresses % 100 === 0) most = Math.max(most, process.memoryUsage().heapUsed);
  }
  return { addresses, grownMiB: (most - before) / 2 ** 20 };
}

const yieldsOften = ({ longestTurnMs }: Turns): boolean => longestTurnMs < LONGEST_TURN_MS;

describe('a large contact file', () => {
  it(`of ${MAX_ROWS} rows does not stay in memory, and delays no other work`, async () => {
    const found: Awaited<ReturnType<typeof read>>[] = [];
    const turns = await leastTurns(async () => {
      found.push(await read(manyRows()));
    }, yieldsOften);
    const grownMiB = Math.min(...found.map((one) => one.grownMiB));
    process.stdout.write(
      `${MAX_ROWS} rows: ${(turns.cpuMs / 1000).toFixed(1)} s, longest block ${turns.longestTurnMs.toFixed(0)} ms, heap grown by at most ${grownMiB.toFixed(0)} MiB\n`,
    );
    expect(found.every(({ addresses }) => addresses === MAX_ROWS)).toBe(true);
    expect(turns.longestTurnMs).toBeLessThan(LONGEST_TURN_MS);
    // The garbage that was not collected yet. If the reader kept the rows, they would take more than twice that.
    expect(grownMiB).toBeLessThan(64);
  });

  it('of cells with thousands of addresses delays no other work', async () => {
    const turns = await leastTurns(async () => {
      expect((await read(fullCells())).addresses).toBe(80_000);
    }, yieldsOften);
    expect(turns.longestTurnMs).toBeLessThan(LONGEST_TURN_MS);
  });
});
