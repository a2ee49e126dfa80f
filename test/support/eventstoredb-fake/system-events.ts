import { randomUUID } from 'node:crypto';
import type { Log } from './log.js';

const STATISTICS = '$stats-127.0.0.1:2113';

/** Writes the first events of a server for itself, which a reader of `$all` without a filter sees. */
export function writeFirstSystemEvents(log: Log): void {
  append(log, `$$${STATISTICS}`, '$metadata', { $maxAge: 86_400 });
  append(log, '$user-admin', '$UserCreated', { loginName: 'admin', disabled: false });
  append(log, '$users', '$User', { name: 'admin' });
}

/** Writes statistics after each `every` appends of clients. */
export function writeStatisticsBetween(log: Log, every: number): void {
  let own = false;
  let appends = 0;
  log.onAppend(() => {
    if (own || ++appends % every !== 0) return;
    own = true;
    append(log, STATISTICS, '$statsCollected', { 'proc-mem': 0 });
    own = false;
  });
}

function append(log: Log, stream: string, type: string, data: object): void {
  log.append(stream, [
    {
      id: randomUUID(),
      type,
      contentType: 'application/json',
      data: Buffer.from(JSON.stringify(data)),
      metadata: new Uint8Array(),
    },
  ]);
}
