/** A database that the product can't work with as it is. The message is a sentence for its operator: what is wrong, and what to do. */
export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused';
  constructor(
    readonly code: 'database-settings' | 'database-encoding' | 'migration-lock-held',
    message: string,
  ) {
    super(message);
  }
}
