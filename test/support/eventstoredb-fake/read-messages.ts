import pb, { type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { LogRecord } from './log.js';
import { streamIdentifier, uuidIn } from './wire.js';

/** An event in a read or subscription, with its position in `$all` for one stream too, as servers do since 22.6. */
export function eventMessage(record: LogRecord): ReadResp {
  const position = String(record.position);
  const event = new pb.ReadResp.ReadEvent.RecordedEvent()
    .setId(uuidIn(record.id))
    .setStreamIdentifier(streamIdentifier(record.stream))
    .setStreamRevision(String(record.revision))
    .setPreparePosition(position)
    .setCommitPosition(position)
    .setData(record.data)
    .setCustomMetadata(record.metadata);
  event
    .getMetadataMap()
    .set('type', record.type)
    .set('content-type', record.contentType)
    .set('created', record.created);
  return new pb.ReadResp().setEvent(new pb.ReadResp.ReadEvent().setEvent(event).setCommitPosition(position));
}

export function streamNotFound(stream: string): ReadResp {
  return new pb.ReadResp().setStreamNotFound(
    new pb.ReadResp.StreamNotFound().setStreamIdentifier(streamIdentifier(stream)),
  );
}

export function confirmation(subscriptionId: string): ReadResp {
  return new pb.ReadResp().setConfirmation(
    new pb.ReadResp.SubscriptionConfirmation().setSubscriptionId(subscriptionId),
  );
}

export function checkpoint(position: number): ReadResp {
  const at = String(position);
  return new pb.ReadResp().setCheckpoint(new pb.ReadResp.Checkpoint().setCommitPosition(at).setPreparePosition(at));
}

export function caughtUp(): ReadResp {
  return new pb.ReadResp().setCaughtUp(new pb.ReadResp.CaughtUp());
}

export function fellBehind(): ReadResp {
  return new pb.ReadResp().setFellBehind(new pb.ReadResp.FellBehind());
}
