/** The limits of invitations; 0 means no limit. Source: docs/domain.md §6.4 */
export class LimitSettings {
  constructor(
    /** Resends of one invitation. */
    readonly resends: { perMinute: number; perDay: number },
    /** Addresses that are invited. */
    readonly invitationsPerDay: { organisation: number; caller: number },
    /** Distinct addresses that one caller previews without inviting them: by dry runs and import previews. */
    readonly previewsPerHour: number,
  ) {}
}
