/** A row that the log stores with the first events about it, or before them. The log doesn't read the row. */
export interface CompanionRow {
  id: string;
}

/** Stores companion rows where the log is not in their database. An abstract class, because it is its own injection token. */
export abstract class KeepsCompanionRows {
  /** Returns for each row, in order, whether it is stored under this id; false when it is known under another one. */
  abstract record(rows: readonly CompanionRow[]): Promise<boolean[]>;
}
