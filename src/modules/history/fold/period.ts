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

/** What a stretch of the log did to the periods of one table. */
export interface Settled<Row extends Period> {
  /** The periods that the events opened, some of which they closed again. */
  opened: Row[];
  /** The periods that had been open before, and were closed. */
  closed: Row[];
}

/** The periods of one table that a stretch of the log opens and closes. */
export class PeriodBook<Row extends Period> {
  private readonly open: Map<string, Row>;
  private opened = new Set<Row>();
  private closed: Row[] = [];

  /**
   * @param open the open periods of every key that the events are about
   * @param keeps false: the book leaves out what such a period says
   */
  constructor(
    open: readonly Row[],
    private readonly keeps: (content: Content<Row>) => boolean = () => true,
  ) {
    this.open = new Map(open.map((row) => [row.key, row]));
  }

  current(key: string): Row | undefined {
    return this.open.get(key);
  }

  /** All open periods. */
  get held(): Iterable<Row> {
    return this.open.values();
  }

  /** The open periods that meet a condition. */
  where(condition: (row: Row) => boolean): Row[] {
    return [...this.open.values()].filter(condition);
  }

  /** Opens a period, and closes the open one of its key. */
  begin(content: Content<Row>, { number, at, eventId }: Moment): void {
    this.end(content.key, { number, at, eventId });
    if (!this.keeps(content)) return;
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
    this.opened.add(row);
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
    if (!this.opened.has(row)) this.closed.push(row);
  }

  /** Hands out what the events since the last call did, and begins the next stretch. */
  settle(): Settled<Row> {
    const settled = { opened: [...this.opened], closed: this.closed };
    this.opened = new Set();
    this.closed = [];
    return settled;
  }
}
