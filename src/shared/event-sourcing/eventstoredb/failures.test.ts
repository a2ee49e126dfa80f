import { status } from '@grpc/grpc-js';
import {
  AccessDeniedError,
  NotLeaderError,
  StreamDeletedError,
  UnavailableError,
  UnknownError,
  UnsupportedError,
} from '@eventstore/db-client';
import { EventStoreRefuses } from '../event-store-refuses.js';
import { AppendRefused, EventStoreUnavailable } from '../event-store.js';
import { LogTooOld, meaningOf, STATUSES } from './failures.js';
import { exception } from '../../../../test/support/eventstoredb-fake/failures.js';

const SECRET = 'order-0c7e of ann@example.org';
const STREAM = 'order-3f0d2b8e-0000-4000-8000-000000000001';

/** The error that callers get for a gRPC status that the client gave no name of its own. */
const EXPECTED: Record<string, 'EventStoreUnavailable' | 'EventStoreRefuses' | 'EventStoreFailed'> = {
  CANCELLED: 'EventStoreUnavailable',
  UNKNOWN: 'EventStoreUnavailable',
  INVALID_ARGUMENT: 'EventStoreFailed',
  DEADLINE_EXCEEDED: 'EventStoreUnavailable',
  NOT_FOUND: 'EventStoreUnavailable',
  ALREADY_EXISTS: 'EventStoreFailed',
  PERMISSION_DENIED: 'EventStoreRefuses',
  RESOURCE_EXHAUSTED: 'EventStoreUnavailable',
  FAILED_PRECONDITION: 'EventStoreFailed',
  ABORTED: 'EventStoreUnavailable',
  OUT_OF_RANGE: 'EventStoreFailed',
  UNIMPLEMENTED: 'EventStoreRefuses',
  INTERNAL: 'EventStoreUnavailable',
  UNAVAILABLE: 'EventStoreUnavailable',
  DATA_LOSS: 'EventStoreUnavailable',
  UNAUTHENTICATED: 'EventStoreRefuses',
};
const CODES = Object.entries(status).filter(
  (entry): entry is [string, status] => typeof entry[1] === 'number' && entry[0] !== 'OK',
);

const raw = (code: status) => Object.assign(new Error(SECRET), exception(code, SECRET));

describe('the meaning of a failure of EventStoreDB', () => {
  it('is listed for each status of gRPC, in the order of the codes', () => {
    expect(STATUSES.map(([name]) => name)).toEqual(CODES.toSorted(([, a], [, b]) => a - b).map(([name]) => name));
  });

  it.each(CODES)('of status %s is the one in the table, without the message of the server', (name, code) => {
    const meaning = meaningOf(raw(code));
    expect(meaning.name).toBe(EXPECTED[name]);
    if (meaning.name === 'EventStoreFailed') expect(meaning).toMatchObject({ code: name });
    if (meaning.name === 'EventStoreUnavailable')
      expect(meaning.cause).toMatchObject({ name: 'EventStoreFailed', code: name });
    expect(`${meaning.message} ${(meaning.cause as Error | undefined)?.message ?? ''}`).not.toContain(SECRET);
  });

  it.each([
    [
      'access denied',
      new AccessDeniedError(),
      /^EventStoreDB refuses access: check the user and password in EVENTSTORE_URL/,
    ],
    [
      'a missing right that the client gave no name',
      new UnknownError(raw(status.PERMISSION_DENIED)),
      /^EventStoreDB refuses access/,
    ],
    [
      'a method that the server does not know',
      new UnsupportedError('batchAppend', '21.10'),
      /^EventStoreDB refuses what it does not support: it must be of version 22\.10 or newer/,
    ],
    ['a version that is too old', new LogTooOld(), /^EventStoreDB refuses what it does not support/],
  ])('of %s is a refusal, which only an operator can end', (_name, error, sentence) => {
    const meaning = meaningOf(error);
    expect(meaning).toBeInstanceOf(EventStoreRefuses);
    expect(meaning).toBeInstanceOf(EventStoreUnavailable);
    expect([meaning.name, meaning.message]).toEqual(['EventStoreRefuses', expect.stringMatching(sentence)]);
  });

  it.each([
    [
      'a node that is not the leader',
      new NotLeaderError(
        Object.assign(
          raw(status.NOT_FOUND),
          exception(status.NOT_FOUND, '', { 'leader-endpoint-host': 'a', 'leader-endpoint-port': '1' }),
        ),
      ),
      'not-leader',
    ],
    ['a node that is not ready', new UnavailableError(), 'unavailable'],
    ['a failure without a name', new Error(SECRET), 'unknown'],
  ])('of %s is that the store is unavailable, which passes by itself', (_name, error, code) => {
    const meaning = meaningOf(error);
    expect([meaning.name, meaning instanceof EventStoreRefuses]).toEqual(['EventStoreUnavailable', false]);
    expect(meaning.cause).toMatchObject({ name: 'EventStoreFailed', code });
  });

  it('of an error that is no failure of the store is that error', () => {
    for (const error of [new TypeError('a defect'), new RangeError('a defect'), new AppendRefused('too large')])
      expect(meaningOf(error)).toBe(error);
    expect(meaningOf(StreamDeletedError.fromStreamName(STREAM)).message).not.toContain(STREAM);
  });
});
