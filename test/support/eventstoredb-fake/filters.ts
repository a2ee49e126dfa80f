import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { LogRecord } from './log.js';

export type Matches = (record: LogRecord) => boolean;

/** Tests records by a filter of stream names or event types, with its regular expression or else its prefixes. */
export function matcher(filter: ReadReq.Options.FilterOptions | undefined): Matches {
  if (!filter) return () => true;
  const byType = filter.getEventType();
  const expression = byType ?? filter.getStreamIdentifier();
  if (!expression) throw new Error('the filter names neither streams nor event types');
  const textOf = byType ? (record: LogRecord) => record.type : (record: LogRecord) => record.stream;
  if (expression.getRegex() !== '') {
    const regex = new RegExp(expression.getRegex(), 'u');
    return (record) => regex.test(textOf(record));
  }
  const prefixes = expression.getPrefixList();
  return (record) => prefixes.some((prefix) => textOf(record).startsWith(prefix));
}
