import { Writable } from 'node:stream';
import { createLogger, nestLogger } from '../src/logging.js';

describe("Nest's messages in the log", () => {
  it('tell of an error its kind and code alone, whatever fields and text it has', () => {
    const lines: string[] = [];
    const logger = createLogger('info', new Writable({ write: (line: Buffer, _, done) => { lines.push(line.toString()); done(); } }));
    const error = Object.assign(new RangeError('key (ann@example.org) exists'), { code: '23505', detail: 'ann@example.org', query: 'insert' });
    nestLogger(logger).error(error, 'Scheduler');
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'error', context: 'Scheduler', err: { kind: 'RangeError', code: '23505' } });
    expect(lines.join('')).not.toMatch(/ann@|insert/);
  });
});
