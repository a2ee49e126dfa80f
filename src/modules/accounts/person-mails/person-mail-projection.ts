import { deterministicId, StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { enqueue } from '../../../shared/outbox/outbox.js';
import type { Projection } from '../../../shared/projections/projection.js';

/**
 * An outbox projection: puts a mail for each of these events on a person's stream. It has no tables, because a rebuild
 * must not send again.
 * @param kinds the outbox kind of the mail by type of event. Permanent
 */
export function personMailProjection(name: string, kinds: Readonly<Record<string, string>>): Projection {
  return {
    name,
    tables: [],
    handles: Object.keys(kinds),
    async apply(events, trx) {
      await enqueue(
        trx,
        events.map(({ id, type, stream, data, recordedAt }) => {
          const kind = kinds[type] ?? '';
          return {
            key: deterministicId(id, kind),
            kind,
            stream,
            invitation_id: StreamId.parse(stream).uuid,
            issue: Number(data['issue']),
            recorded_at: recordedAt,
          };
        }),
      );
    },
  };
}
