import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { MAX_FILE_BYTES, MAX_ROWS } from '../../../../src/shared/invitations/contact-file/contact-file-limits.js';
import { readContactFile } from '../../../../src/shared/invitations/contact-file/read-contact-file.js';

const CHUNK = Buffer.alloc(64 * 1024, 'some notes ');
/** Room for a busy machine: what doesn't give way at all takes ten times as long. */
const LONGEST_BLOCK_MS = 150;

/** Outlook's columns, as long as the file may be, made while it is read. */
async function* outlookFile(): AsyncGenerator<Buffer> {
  yield Buffer.from('First Name,Last Name,E-mail Address,E-mail 2 Address,Notes\r\n');
  const notes = CHUNK.toString('latin1', 0, Math.floor(MAX_FILE_BYTES / MAX_ROWS) - 80);
  for (let row = 0; row < MAX_ROWS; row += 100) {
    await turn();
    yield Buffer.from(Array.from({ length: 100 }, (_, n) => `Ada,"Byron, ${row + n}",ada.${row + n}@clinic-${row}.example,,"${notes}"\r\n`).join(''));
  }
}

/** What happens besides the reading: how long others had to wait, how much the heap grew at most. */
async function watched(work: () => Promise<void>): Promise<{ seconds: number; longestBlockMs: number; grownMiB: number }> {
  const memory = (): number => process.memoryUsage().rss;
  const before = memory();
  let most = before;
  const sampling = setInterval(() => { most = Math.max(most, memory()); }, 20);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  try {
    await work();
  } finally {
    clearInterval(sampling);
    delay.disable();
  }
  return { seconds: (performance.now() - started) / 1000, longestBlockMs: delay.max / 1e6, grownMiB: (most - before) / 2 ** 20 };
}

describe(`a file of ${MAX_ROWS} rows and ${Math.round(MAX_FILE_BYTES / 2 ** 20)} MiB`, () => {
  it('is read in seconds, without keeping it and without keeping others waiting', async () => {
    let addresses = 0;
    const { seconds, longestBlockMs, grownMiB } = await watched(async () => {
      for await (const entry of readContactFile(outlookFile())) addresses += 'reason' in entry ? 0 : 1;
    });
    process.stdout.write(`contact file of ${MAX_ROWS} rows: ${seconds.toFixed(1)} s, longest block ${longestBlockMs.toFixed(0)} ms, grown by ${grownMiB.toFixed(0)} MiB\n`);
    expect(addresses).toBe(MAX_ROWS);
    expect(longestBlockMs).toBeLessThan(LONGEST_BLOCK_MS);
    // The file alone would be 20 and as much again in every step; what is left is what waits to be collected.
    expect(grownMiB).toBeLessThan(100);
  });

  it('does not let one cell of thousands of addresses block the others', async () => {
    const cell = 'a@b.example;x@;'.repeat(4000);
    async function* file(): AsyncGenerator<Buffer> {
      for (let row = 0; row < 20; row++) yield Promise.resolve(Buffer.from(`"${cell}"\n`));
    }
    const { longestBlockMs } = await watched(async () => {
      for await (const _ of readContactFile(file()));
    });
    expect(longestBlockMs).toBeLessThan(LONGEST_BLOCK_MS);
  });
});
