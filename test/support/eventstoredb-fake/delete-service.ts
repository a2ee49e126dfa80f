import type { handleUnaryCall } from '@grpc/grpc-js';
import pb, {
  type DeleteReq,
  type DeleteResp,
  type TombstoneReq,
  type TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import { statusOf, streamDeleted } from './failures.js';
import type { NodeState } from './node-state.js';
import { streamName } from './wire.js';

/** Streams.Delete: hides the stream until the next append, for any expected revision. */
export function deleteStream(node: NodeState): handleUnaryCall<DeleteReq, DeleteResp> {
  return (call, callback) => {
    const stream = streamName(call.request.getOptions()?.getStreamIdentifier());
    if (node.faults.denial) callback(statusOf(node.faults.denial));
    else if (node.log.isTombstoned(stream)) callback(streamDeleted(stream));
    else {
      const position = String(node.log.softDelete(stream).position);
      callback(
        null,
        new pb.DeleteResp().setPosition(
          new pb.DeleteResp.Position().setCommitPosition(position).setPreparePosition(position),
        ),
      );
    }
  };
}

/** Streams.Tombstone: deletes the stream permanently, for any expected revision. */
export function tombstoneStream(node: NodeState): handleUnaryCall<TombstoneReq, TombstoneResp> {
  return (call, callback) => {
    const stream = streamName(call.request.getOptions()?.getStreamIdentifier());
    if (node.faults.denial) callback(statusOf(node.faults.denial));
    else if (node.log.isTombstoned(stream)) callback(streamDeleted(stream));
    else {
      const position = String(node.log.tombstone(stream).position);
      callback(
        null,
        new pb.TombstoneResp().setPosition(
          new pb.TombstoneResp.Position().setCommitPosition(position).setPreparePosition(position),
        ),
      );
    }
  };
}
