import { Logger } from '@nestjs/common';
import { Closing } from '../../../src/shared/lifecycle/closing.js';

interface Line {
  step: string;
  msg: string;
}

describe('a step of closing', () => {
  let lines: [level: string, line: Line][];
  const keep =
    (level: string) =>
    (line: Line): void => {
      lines.push([level, line]);
    };
  beforeEach(() => {
    lines = [];
    Logger.overrideLogger({ log: keep('log'), warn: keep('warn'), error: keep('error'), debug: keep('debug') });
  });

  const said = (): string[] => lines.map(([level, { step }]) => `${level} ${step}`);

  it('is waited for', async () => {
    const closing = new Closing();
    let isDone = false;
    await closing.step('mails', async () => {
      await Promise.resolve();
      isDone = true;
    });
    expect(isDone).toBe(true);
    expect(said()).toEqual(['debug mails']);
    closing.mustHaveSucceeded();
  });

  it('that never ends is named in one warning, and the next one runs', async () => {
    const closing = new Closing();
    await closing.step('signals', async () => new Promise(() => undefined), 10);
    await closing.step('database', () => undefined);
    expect(said()).toEqual(['warn signals', 'debug database']);
    closing.mustHaveSucceeded();
  });

  it('that fails is named, the next one runs, and closing fails at its end', async () => {
    const closing = new Closing();
    await closing.step('event-store', () => {
      throw new TypeError('made up');
    });
    await closing.step('database', () => undefined);
    expect(said()).toEqual(['error event-store', 'debug database']);
    expect(() => {
      closing.mustHaveSucceeded();
    }).toThrow('made up');
  });
});
