/** A row that is stored with the events that are the first to be about it, or before them: the log passes it on as it is. */
export interface CompanionRow {
  id: string;
}

/** Keeps newcomers where the log is not in their database. */
export interface KeepsCompanionRows {
  /** For each, in order, whether it is kept under this id; false: it is known under another one. */
  record(rows: readonly CompanionRow[]): Promise<boolean[]>;
}
