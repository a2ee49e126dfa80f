import { randomUUID } from 'node:crypto';
import { UnavailableError, WrongExpectedVersionError } from '@eventstore/db-client';
import { parseUUID } from '@eventstore/db-client/dist/utils/grpcUUID.js';
import { unpackToCommandError } from '@eventstore/db-client/dist/streams/appendToStream/unpackError.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import pb, { type BatchAppendReq, type BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { EventStoreUnavailable, STREAM_DOES_NOT_EXIST } from '../event-store.js';
import type { SerialisedAppend, SerialisedEvent } from '../serialised-append.js';
import type { AppendCall } from './connection.js';
import { positionIn, type LogPosition } from './log-position.js';

/** What a node says for each append while it knows no leader. It has no code of its own. */
const NOT_READY = 'Server Is Not Ready';

/** `position` is absent when the server only says that the events are there. */
export type Answer = { ok: true; position: LogPosition | undefined } | { ok: false; actualRevision: number };

interface Waiting {
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

/** One BatchAppend call. Each append is told by a correlation id, and its answer may come in any order; the call's end is the end of all. */
export class AppendLine {
  private readonly waiting = new Map<string, Waiting>();
  private answers = 0;
  private ended = false;

  constructor(private readonly call: AppendCall) {
    call.on('data', (response: BatchAppendResp) => {
      this.resolveWaiting(response);
    });
    call.on('error', (error) => {
      this.end(error);
    });
    for (const event of ['end', 'close'])
      call.on(event, () => {
        this.end(new EventStoreUnavailable());
      });
  }

  get isOpen(): boolean {
    return !this.ended;
  }

  /** One message per append: it is at most 1 MiB. @throws whatever the server or gRPC says; nothing tells then if it is stored */
  async send(append: SerialisedAppend, signal: AbortSignal): Promise<Answer> {
    const correlationId = randomUUID();
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    if (this.ended) throw new EventStoreUnavailable();
    this.waiting.set(correlationId, { resolve, reject });
    const answersBefore = this.answers;
    signal.addEventListener(
      'abort',
      () => {
        this.waiting.delete(correlationId);
        reject(new EventStoreUnavailable());
        // Nobody was answered meanwhile: the next attempt takes another line.
        if (this.answers === answersBefore) this.hangUp();
      },
      { once: true },
    );
    // Not waiting for the buffer to drain: how much is under way is the caller's limit.
    this.call.write(requestOf(append, correlationId));
    return promise;
  }

  hangUp(): void {
    this.end(new EventStoreUnavailable());
    this.call.cancel();
  }

  private resolveWaiting(response: BatchAppendResp): void {
    this.answers += 1;
    const correlationId = parseUUID(response.getCorrelationId()) ?? '';
    const waiting = this.waiting.get(correlationId);
    this.waiting.delete(correlationId);
    // Nobody waits any more for an answer that comes late.
    if (!waiting) return;
    const success = response.getSuccess();
    if (success) waiting.resolve({ ok: true, position: positionIn(success.getPosition()) });
    else refuse(response, waiting);
    if (response.getError()?.getMessage() === NOT_READY) this.leave();
  }

  /** The call would go on with a node that takes no appends. Its client looks for another node only when a call fails. */
  private leave(): void {
    this.call.destroy(new UnavailableError());
    this.hangUp();
  }

  private end(error: unknown): void {
    this.ended = true;
    const lost = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of lost) reject(error);
  }
}

function refuse(response: BatchAppendResp, { resolve, reject }: Waiting): void {
  const status = response.getError();
  const error = status && unpackToCommandError(status, '');
  if (!(error instanceof WrongExpectedVersionError)) reject(error ?? new EventStoreUnavailable());
  else
    resolve({
      ok: false,
      actualRevision: typeof error.actualVersion === 'bigint' ? Number(error.actualVersion) : STREAM_DOES_NOT_EXIST,
    });
}

function requestOf({ stream, expectedRevision, events }: SerialisedAppend, correlationId: string): BatchAppendReq {
  const options = new pb.BatchAppendReq.Options().setStreamIdentifier(
    new shared.StreamIdentifier().setStreamName(Buffer.from(stream)),
  );
  if (expectedRevision === STREAM_DOES_NOT_EXIST) options.setNoStream(new shared.Empty());
  else options.setStreamPosition(String(expectedRevision));
  // Without a deadline for the server: it would be a time of this machine's clock, and the server has its own limit.
  return new pb.BatchAppendReq()
    .setCorrelationId(new shared.UUID().setString(correlationId))
    .setOptions(options)
    .setProposedMessagesList(events.map(messageOf))
    .setIsFinal(true);
}

function messageOf({ id, type, data, metadata }: SerialisedEvent): BatchAppendReq.ProposedMessage {
  const message = new pb.BatchAppendReq.ProposedMessage()
    .setId(new shared.UUID().setString(id))
    .setData(Buffer.from(data))
    .setCustomMetadata(Buffer.from(metadata));
  message.getMetadataMap().set('type', type).set('content-type', 'application/json');
  return message;
}
