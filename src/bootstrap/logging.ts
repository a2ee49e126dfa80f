import { randomUUID } from 'node:crypto';
import type { LoggerService } from '@nestjs/common';
import pino, { type Logger } from 'pino';
import { kindOf } from './error-kind.js';
import { EventStoreRefuses } from '../shared/event-sourcing/event-store-refuses.js';
import { currentContext } from '../shared/request-context/request-context.js';
import { VERSION } from './version.js';

/**
 * Writes one JSON line per message with the product's version, the instance's id, the request's id and the caller's id.
 * It writes only kind, code and stack of an error, because the text may quote a row.
 */
export function createLogger(level: string, destination?: pino.DestinationStream): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { instance: randomUUID(), version: VERSION },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => {
      const context = currentContext();
      if (!context) return {};
      return { requestId: context.correlationId, ...(context.actor === undefined ? {} : { actor: context.actor }) };
    },
    serializers: { err: describeError },
  };
  return pino(options, destination ?? standardOutput());
}

/** Returns the instance's id, which stands in each line of the logger. */
export function instanceOf(logger: Logger): string {
  return String(logger.bindings()['instance']);
}

/**
 * Collects the lines of one event loop iteration and writes them at once, because each write costs as much as many
 * lines.
 */
function standardOutput(): pino.DestinationStream {
  const output = pino.destination({ sync: false });
  let lines = '';
  const writeThem = (): void => {
    output.write(lines);
    lines = '';
  };
  process.on('exit', () => {
    writeThem();
    output.flushSync();
  });
  return {
    write: (line) => {
      if (lines === '') setImmediate(writeThem);
      lines += line;
    },
  };
}

function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { kind: typeof error };
  // This message is a sentence for operators, and a stack would not help them.
  if (error instanceof EventStoreRefuses) return { kind: error.name, message: error.message };
  const { code } = error as { code?: unknown };
  // The first stack line repeats the message; the others name files of the product.
  const at = error.stack
    ?.split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .slice(0, 8)
    .map((line) => line.trim());
  return {
    kind: kindOf(error),
    ...(typeof code === 'string' ? { code } : {}),
    at,
    ...(error.cause ? { cause: describeError(error.cause) } : {}),
  };
}

/** These parts of Nest log every route and module at each start. */
const STARTUP_CHATTER = ['NestFactory', 'InstanceLoader', 'RouterExplorer', 'RoutesResolver', 'NestApplication'];

/** Makes Nest and the services log through the same logger. */
export function nestLogger(logger: Logger): LoggerService {
  const write =
    (wanted: 'info' | 'error' | 'warn' | 'debug' | 'trace' | 'fatal') =>
    (message: unknown, ...rest: unknown[]): void => {
      const context = rest.findLast((item): item is string => typeof item === 'string');
      const level = wanted === 'info' && STARTUP_CHATTER.includes(context ?? '') ? 'debug' : wanted;
      // Nest's scheduler passes on the error that a schedule threw, and the error's fields may quote rows.
      if (message instanceof Error) logger[level]({ context, err: message, msg: 'failed' });
      else if (typeof message === 'object' && message !== null) logger[level]({ context, ...message });
      else logger[level]({ context }, String(message));
    };
  return {
    log: write('info'),
    error: write('error'),
    warn: write('warn'),
    debug: write('debug'),
    verbose: write('trace'),
    fatal: write('fatal'),
  };
}
