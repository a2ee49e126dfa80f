/** The product can't work with this database as it is. The message tells the operator what is wrong and what to do. */
export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused';
  constructor(
    readonly code: 'database-settings' | 'database-encoding' | 'migration-lock-held',
    message: string,
  ) {
    super(message);
  }
}
