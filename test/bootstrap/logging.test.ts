import { Writable } from 'node:stream';
import { kindOf } from '../../src/bootstrap/error-kind.js';
import { createLogger, nestLogger } from '../../src/bootstrap/logging.js';
import { describeUnexpected } from '../../src/bootstrap/terminal.js';

describe("Nest's messages in the log", () => {
  it('name only the kind and code of an error, and none of its fields or text', () => {
    const lines: string[] = [];
    const logger = createLogger(
      'info',
      new Writable({
        write: (line: Buffer, _, done) => {
          lines.push(line.toString());
          done();
        },
      }),
    );
    const error = Object.assign(new RangeError('key (ann@example.org) exists'), {
      code: '23505',
      detail: 'ann@example.org',
      query: 'insert',
    });
    nestLogger(logger).error(error, 'Scheduler');
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 'error',
      context: 'Scheduler',
      err: { kind: 'RangeError', code: '23505' },
    });
    expect(lines.join('')).not.toMatch(/ann@|insert/);
  });

  it('name an unnamed error of a library by its class or by the library', () => {
    class FromALibrary extends Error {}
    const failed = (stack: string): Error =>
      Object.assign(new Error('ann@example.org'), { stack: `Error: ann@example.org\n${stack}` });
    expect(kindOf(new FromALibrary('ann@example.org'))).toBe('FromALibrary');
    expect(kindOf(failed('    at connect (/srv/rolecall/node_modules/@grpc/grpc-js/build/src/call.js:34:19)'))).toBe(
      'Error of @grpc/grpc-js',
    );
    expect(kindOf(failed('    at node:internal/fs/promises:638:10'))).toBe('Error of node');
    expect(kindOf(failed('    at start (/srv/rolecall/dist/server.js:1:1)\n    at node_modules/pg/x.js'))).toBe(
      'Error of rolecall',
    );
    expect(kindOf(new TypeError('ann@example.org'))).toBe('TypeError');
    const ours = failed(
      '    at read (/srv/rolecall/node_modules/pg/x.js:1:1)\n    at start (file:///srv/rolecall/dist/server.js:10:5)',
    );
    expect(describeUnexpected(ours)).toMatch(/ at dist\/server\.js:10:5$/);
    expect(describeUnexpected(new FromALibrary('ann@example.org'))).toBe('FromALibrary');
  });
});
