import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { csvOf } from '../../../shared/text/csv.js';
import type { Locale } from '../../../shared/mail/texts.js';
import { HistoryRunner } from '../history-runner.js';
import { HistoryAccess, type OpenedHistory } from '../reading/history-access.js';
import type { HistoryEntryView, HistoryListDto, StreamForm } from './history.dto.js';
import { cursorAt, Timelines } from './timelines.js';

/** Entries that are read at once. */
const BATCH = 200;
/** The permission to read is checked again after this time. */
const RECHECK_MS = 1000;

/** The end of a stream. `next`: the cursor from which another call goes on; null: there is no more. */
interface End {
  end: true;
  next: string | null;
  reason?: string;
}

interface StreamCall {
  reader: string;
  scope: ScopeRef;
  filter: HistoryListDto;
  locale: Locale;
  form: StreamForm;
}

/** Writes all entries of a timeline, batch by batch, so that its length costs no memory. Holds no transaction. */
@Injectable()
export class HistoryStreams implements OnModuleDestroy {
  private isStopping = false;

  constructor(
    private readonly access: HistoryAccess,
    private readonly runner: HistoryRunner,
    private readonly timelines: Timelines,
  ) {}

  /** Ends open streams, because the stop waits for requests. */
  onModuleDestroy(): void {
    this.isStopping = true;
  }

  /** @throws RuleBroken `not-found`, `forbidden`, `invalid-input`, `read-model-behind`, before the stream begins */
  async open(call: StreamCall): Promise<AsyncIterable<string>> {
    const opened = await this.access.open(call.reader, call.scope);
    const before = this.timelines.startOf(call.filter);
    await this.runner.mustShowEverything();
    return this.lines(call, opened, before);
  }

  private async *lines(call: StreamCall, opened: OpenedHistory, start: number | null): AsyncGenerator<string> {
    const { filter, locale, form } = call;
    if (form === 'csv') yield csvOf([CSV_COLUMNS]);
    let [now, checkedAt] = [opened, performance.now()];
    for (let before = start; ;) {
      if (performance.now() - checkedAt > RECHECK_MS) {
        const checked = await this.reopened(call);
        if (typeof checked === 'string') {
          yield endOf(form, { end: true, next: cursorAt(before), reason: checked });
          return;
        }
        [now, checkedAt] = [checked, performance.now()];
      }
      const { items, last } = await this.timelines.read(now, filter, before, BATCH, locale);
      if (items.length > 0) yield form === 'csv' ? csvOf(items.map(csvRow)) : items.map(jsonLine).join('');
      if (items.length < BATCH || last === null) {
        yield endOf(form, { end: true, next: null });
        return;
      }
      before = last;
    }
  }

  /** What the reader may read now, or why nothing. */
  private async reopened({ reader, scope }: StreamCall): Promise<OpenedHistory | string> {
    if (this.isStopping) return 'stopping';
    try {
      return await this.access.open(reader, scope);
    } catch (error) {
      if (error instanceof RuleBroken) return error.code;
      throw error;
    }
  }
}

function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function endOf(form: StreamForm, end: End): string {
  return form === 'csv' ? csvOf([['end', end.next ?? '', end.reason ?? '']]) : jsonLine(end);
}

const CSV_COLUMNS = [
  'number',
  'at',
  'kind',
  'summary',
  'actor',
  'actorId',
  'subject',
  'subjectId',
  'scope',
  'scopeKind',
  'scopeId',
  'hasReason',
  'reason',
  'eventId',
  'correlation',
];

function csvRow(entry: HistoryEntryView): string[] {
  const { number, at, kind, summary, actor, subject, scope, hasReason, reason, eventId, correlation } = entry;
  return [
    String(number),
    at,
    kind,
    summary,
    actor.name ?? '',
    actor.personId ?? '',
    subject?.name ?? '',
    subject?.personId ?? '',
    scope.name,
    scope.kind,
    scope.id,
    String(hasReason),
    reason ?? '',
    eventId,
    correlation,
  ];
}
