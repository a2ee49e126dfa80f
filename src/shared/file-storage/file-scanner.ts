/**
 * Looks at each uploaded file before it is kept, for example for viruses. An installation has none by default. It is
 * an abstract class, so that it can be its own injection token.
 */
export abstract class FileScanner {
  /** @returns false to refuse the file. An error refuses it too. */
  abstract accepts(content: AsyncIterable<Uint8Array>): Promise<boolean>;
}

export class NoFileScanner extends FileScanner {
  override async accepts(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
