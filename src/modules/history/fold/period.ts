/** The moment of an event in the log. */
export interface Moment {
  /** How many events of the product stand before it in the log. */
  number: number;
  /** Its effective time: ISO UTC. */
  at: string;
  eventId: string;
}

/**
 * From when to when something held, by the numbers of the events that opened and closed it. It holds at the number of
 * the first and no longer at the number of the second.
 */
export interface Period {
  /** What held: the uuid of a stream, or the id of a role. One thing has at most one open period. */
  key: string;
  from_number: number;
  from_at: string;
  /** Null: the log's beginning opened it. */
  opened_by: string | null;
  to_number: number | null;
  to_at: string | null;
  closed_by: string | null;
}

/** What a period says besides when it held. */
export type Content<Row extends Period> = Omit<Row, Exclude<keyof Period, 'key'>>;

/** The periods of one table that a stretch of the log opens and closes. */
export class PeriodBook<Row extends Period> {
  private readonly open: Map<string, Row>;
  /** The periods that the events opened, some of which they closed again. */
  readonly opened: Row[] = [];
  /** The periods that had been open before, and were closed. */
  readonly closed: Row[] = [];
  private readonly before: ReadonlySet<Row>;

  /** @param open the open periods of every key that the events are about */
  constructor(open: readonly Row[]) {
    this.open = new Map(open.map((row) => [row.key, row]));
    this.before = new Set(open);
  }

  current(key: string): Row | undefined {
    return this.open.get(key);
  }

  /** The open periods that meet a condition. */
  where(condition: (row: Row) => boolean): Row[] {
    return [...this.open.values()].filter(condition);
  }

  /** Opens a period, and closes the open one of its key. */
  begin(content: Content<Row>, { number, at, eventId }: Moment): void {
    this.end(content.key, { number, at, eventId });
    const when: Period = {
      key: content.key,
      from_number: number,
      from_at: at,
      opened_by: eventId,
      to_number: null,
      to_at: null,
      closed_by: null,
    };
    const row = { ...content, ...when } as unknown as Row;
    this.open.set(row.key, row);
    this.opened.push(row);
  }

  /** Opens a period that has what the open one has, except for the changes. Does nothing without an open one. */
  change(key: string, changes: Partial<Content<Row>>, moment: Moment): void {
    const current = this.open.get(key);
    if (current) this.begin({ ...current, ...changes }, moment);
  }

  /** Closes the open period of a key, if there is one. */
  end(key: string, { number, at, eventId }: Moment): void {
    const row = this.open.get(key);
    if (!row) return;
    this.open.delete(key);
    row.to_number = number;
    row.to_at = at;
    row.closed_by = eventId;
    if (this.before.has(row)) this.closed.push(row);
  }
}
