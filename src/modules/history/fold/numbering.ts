import type { RecordedEvent, StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { entryOf, type EntryRow, subjectNamedBy, subjectStream } from './history-entry.js';
import type { Moment } from './period.js';

/** Counts the events of a log. Source: ADR 0050 */
export class LogClock {
  /**
   * @param number of the last event before those that it counts; -1: there is none
   * @param effective the effective time of that event
   */
  constructor(
    private number = -1,
    private effective = '',
  ) {}

  /** The number and the effective time of the next event. */
  next({ id, recordedAt }: Pick<RecordedEvent, 'id' | 'recordedAt'>): Moment {
    this.number += 1;
    if (recordedAt > this.effective) this.effective = recordedAt;
    return { number: this.number, at: this.effective, eventId: id };
  }
}

/** Makes entries of the events of a log, with their numbers, effective times and subjects. */
export class EntryNumbering {
  /**
   * @param ofOrganisations the last number of each organisation that the events are about
   * @param subjects the subject of each stream that the events are about and that has one
   */
  constructor(
    private readonly clock = new LogClock(),
    private readonly ofOrganisations = new Map<string, number>(),
    private readonly subjects = new Map<string, string>(),
  ) {}

  next(event: StoredEvent): EntryRow {
    const { number, at } = this.clock.next(event);
    const { organisationId } = event.metadata;
    const own = organisationId === null ? null : (this.ofOrganisations.get(organisationId) ?? -1) + 1;
    if (organisationId !== null && own !== null) this.ofOrganisations.set(organisationId, own);
    return {
      ...entryOf(event),
      number,
      organisation_number: own,
      subject: this.subjectOf(event),
      effective_at: at,
    };
  }

  private subjectOf(event: StoredEvent): string | null {
    const named = subjectNamedBy(event);
    const from = subjectStream(event);
    if (named !== null && from === event.stream && !this.subjects.has(from)) this.subjects.set(from, named);
    return named ?? (from === null ? null : (this.subjects.get(from) ?? null));
  }
}
