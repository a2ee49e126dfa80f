/** How much of what is allowed; 0: as much as they like. Source: docs/domain.md §6.4 */
export class LimitSettings {
  constructor(
    /** Of one invitation. */
    readonly resends: { perMinute: number; perDay: number },
    /** Addresses that are invited. */
    readonly invitationsPerDay: { organisation: number; caller: number },
    /** Distinct addresses that one caller asks about without inviting them: dry runs and reviews of files. */
    readonly previewsPerHour: number,
  ) {}
}
