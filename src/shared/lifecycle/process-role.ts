/** The values of the setting PROCESS. */
export const PROCESS_NAMES = ['web', 'worker', 'all'] as const;
export type ProcessName = (typeof PROCESS_NAMES)[number];

/** Which of the product's two halves this process runs. */
export class ProcessRole {
  constructor(private readonly name: ProcessName) {}

  /** It serves pages and the API. A worker serves only health and metrics. */
  get servesCallers(): boolean {
    return this.name !== 'worker';
  }

  /** It sends mails, and competes to lead: the leader runs projections, process managers and schedules. */
  get runsWork(): boolean {
    return this.name !== 'web';
  }
}
