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

/** A node's message for each append while it knows no leader. The error has no code of its own. */
const NOT_READY = 'Server Is Not Ready';

/** The server's response. `position` is undefined when the server only says that the events are stored. */
export type Answer = { ok: true; position: LogPosition | undefined } | { ok: false; actualRevision: number };

interface Waiting {
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

/**
 * One BatchAppend call for many appends. Each append has a correlation id, and responses may come in any order. When
 * the call ends, all its appends end.
 */
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

  /**
   * Sends one message per append, of at most 1 MiB.
   * @throws what the server or gRPC reports; the append's outcome is then unknown
   */
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
        // The line is dead when no append got a response meanwhile. The next attempt opens another one.
        if (this.answers === answersBefore) this.hangUp();
      },
      { once: true },
    );
    // This doesn't wait for the buffer to drain, because the caller limits the appends in progress.
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
    // The response came after its append had timed out.
    if (!waiting) return;
    const success = response.getSuccess();
    if (success) waiting.resolve({ ok: true, position: positionIn(success.getPosition()) });
    else refuse(response, waiting);
    if (response.getError()?.getMessage() === NOT_READY) this.leave();
  }

  /** Ends the call, because its node takes no appends. The client looks for another node only after a failed call. */
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
  // A deadline would depend on this machine's clock, so the server's own limit applies.
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
