const MIB = 1024 * 1024;

/** How much the product stores. */
export class FileLimits {
  /** Of one version of a file. */
  readonly fileBytes: number;
  /** Of all versions of all files of one organisation; Infinity: no limit. */
  readonly organisationBytes: number;

  /**
   * @param fileMb in MiB
   * @param organisationMb in MiB; 0: no limit
   */
  constructor(fileMb: number, organisationMb: number) {
    this.fileBytes = fileMb * MIB;
    this.organisationBytes = organisationMb === 0 ? Infinity : organisationMb * MIB;
  }
}
