import { monitorEventLoopDelay } from 'node:perf_hooks';
import { MAX_ROWS } from './contact-file-limits.js';
import { readContactFile } from './read-contact-file.js';

/** The part of the whole time for which other work may wait. It is no absolute time, because the machine may be busy. */
const LONGEST_BLOCK = 1 / 10;

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

async function watched(
  file: AsyncGenerator<Buffer>,
): Promise<{ addresses: number; seconds: number; longestBlock: number; grownMiB: number }> {
  const before = process.memoryUsage().heapUsed;
  let most = before;
  let addresses = 0;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  for await (const entry of readContactFile(file)) {
    if (!('reason' in entry)) addresses += 1;
    if (addresses % 100 === 0) most = Math.max(most, process.memoryUsage().heapUsed);
  }
  const seconds = (performance.now() - started) / 1000;
  delay.disable();
  return { addresses, seconds, longestBlock: delay.max / 1e9 / seconds, grownMiB: (most - before) / 2 ** 20 };
}

describe('a large contact file', () => {
  it(`of ${MAX_ROWS} rows does not stay in memory, and delays no other work`, async () => {
    const { addresses, seconds, longestBlock, grownMiB } = await watched(manyRows());
    process.stdout.write(
      `${MAX_ROWS} rows: ${seconds.toFixed(1)} s, longest block ${(1000 * seconds * longestBlock).toFixed(0)} ms, heap grown by at most ${grownMiB.toFixed(0)} MiB\n`,
    );
    expect(addresses).toBe(MAX_ROWS);
    expect(longestBlock).toBeLessThan(LONGEST_BLOCK);
    // The garbage that was not collected yet. If the reader kept the rows, they would take more than twice that.
    expect(grownMiB).toBeLessThan(64);
  });

  it('of cells with thousands of addresses delays no other work', async () => {
    const { addresses, longestBlock } = await watched(fullCells());
    expect(addresses).toBe(80_000);
    expect(longestBlock).toBeLessThan(LONGEST_BLOCK);
  });
});
