import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import codes from '@eventstore/db-client/generated/code_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import statusPb, { type Status } from '@eventstore/db-client/generated/status_pb.js';
import pb, { type AppendResp, type BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendResult, ExpectedRevision } from './append-rules.js';
import { allPosition } from './wire.js';

type Refused = Extract<AppendResult, { ok: false }>;
type Stored = Extract<AppendResult, { ok: true }>;

/** BatchAppend's answer to one append. The caller adds the correlation id and the stream, also to the answers below. */
export function batchAnswer(expected: ExpectedRevision, result: AppendResult): BatchAppendResp {
  if (result.ok) return batchStored(result);
  return result.deleted
    ? batchError('StreamDeleted', codes.Code.FAILED_PRECONDITION, new shared.StreamDeleted())
    : batchWrongVersion(expected, result);
}

function batchStored({ last }: Stored): BatchAppendResp {
  const success = new pb.BatchAppendResp.Success();
  if (last) success.setCurrentRevision(String(last.revision)).setPosition(allPosition(last));
  else success.setNoStream(new emptyPb.Empty()).setNoPosition(new emptyPb.Empty());
  return new pb.BatchAppendResp().setSuccess(success);
}

function batchWrongVersion(expected: ExpectedRevision, { current }: Refused): BatchAppendResp {
  const wrong = new shared.WrongExpectedVersion();
  if (current < 0) wrong.setCurrentNoStream(new emptyPb.Empty());
  else wrong.setCurrentStreamRevision(String(current));
  if (expected === 'any') wrong.setExpectedAny(new emptyPb.Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new emptyPb.Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new emptyPb.Empty());
  else wrong.setExpectedStreamPosition(String(expected));
  return batchError('WrongExpectedVersion', codes.Code.ALREADY_EXISTS, wrong);
}

export function batchTooLarge(maxAppendSize: number): BatchAppendResp {
  const details = new shared.MaximumAppendSizeExceeded().setMaxappendsize(maxAppendSize);
  return batchError('MaximumAppendSizeExceeded', codes.Code.INVALID_ARGUMENT, details);
}

export function batchTimeout(): BatchAppendResp {
  return batchError('Timeout', codes.Code.DEADLINE_EXCEEDED, new shared.Timeout());
}

export function batchBadRequest(message: string): BatchAppendResp {
  return batchError('BadRequest', codes.Code.INVALID_ARGUMENT, new shared.BadRequest().setMessage(message));
}

export function batchAccessDenied(): BatchAppendResp {
  return batchError('AccessDenied', codes.Code.PERMISSION_DENIED, new shared.AccessDenied());
}

/** The answer to an append that the server does not handle. Its details are empty, as the server's are. */
export function batchNotHandled(why: 'Server Is Busy' | 'Server Is Not Ready'): BatchAppendResp {
  const details = new anyPb.Any();
  details.pack(new emptyPb.Empty().serializeBinary(), 'google.protobuf.Empty');
  return new pb.BatchAppendResp().setError(new statusPb.Status().setMessage(why).setDetails(details));
}

/** Append's answer. Success and a wrong revision are both messages of the ordinary response. */
export function appendAnswer(expected: ExpectedRevision, result: AppendResult): AppendResp {
  return result.ok ? appendStored(result) : appendWrongVersion(expected, result);
}

function appendStored({ last }: Stored): AppendResp {
  const success = new pb.AppendResp.Success();
  if (last) {
    const position = String(last.position);
    success.setCurrentRevision(String(last.revision));
    success.setPosition(new pb.AppendResp.Position().setCommitPosition(position).setPreparePosition(position));
  } else {
    success.setNoStream(new shared.Empty()).setNoPosition(new shared.Empty());
  }
  return new pb.AppendResp().setSuccess(success);
}

function appendWrongVersion(expected: ExpectedRevision, { current }: Refused): AppendResp {
  const wrong = new pb.AppendResp.WrongExpectedVersion();
  if (current < 0) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(current));
  if (expected === 'any') wrong.setExpectedAny(new shared.Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new shared.Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty());
  else wrong.setExpectedRevision(String(expected));
  return new pb.AppendResp().setWrongExpectedVersion(wrong);
}

function batchError(
  name: string,
  code: ReturnType<Status['getCode']>,
  details: { serializeBinary(): Uint8Array },
): BatchAppendResp {
  const packed = new anyPb.Any();
  packed.pack(details.serializeBinary(), `event_store.client.${name}`);
  return new pb.BatchAppendResp().setError(new statusPb.Status().setCode(code).setMessage(name).setDetails(packed));
}
