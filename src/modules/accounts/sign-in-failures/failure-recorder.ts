import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { CommandHandling, SYSTEM } from '../../../shared/event-sourcing/command-handling.js';
import { deterministicId } from '../../../shared/event-sourcing/stream-id.js';
import { runInContext } from '../../../shared/request-context/request-context.js';
import { WorkFailures } from '../../../shared/resilience/work-failures.js';
import { Clock } from '../../../shared/time/clock.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { NO_PERSON } from '../accounts.js';
import { FailureCounts } from './failure-counts.js';
import { recordFailures, signInFailuresFrom, signInFailuresStream } from './sign-in-failures.js';

const EVERY_MS = 60_000;

/**
 * Counts failed sign-ins in memory, and records them at the end of each hour and when the instance stops. So a crash
 * loses at most the present hour. An hour that can't be recorded waits for the next minute. Source: docs/domain.md §15
 */
@Injectable()
export class FailureRecorder {
  private readonly counts = new FailureCounts();
  private recording: Promise<void> | undefined;

  /** @param instance this instance's id: each instance records its own counts */
  constructor(
    private readonly commandHandling: CommandHandling,
    private readonly clock: Clock,
    private readonly failures: WorkFailures,
    private readonly instance: string,
  ) {}

  /** Counts a failed sign-in. Does the same for every person. @param personId `NO_PERSON`'s for an unknown address */
  count(personId: string): void {
    this.counts.add(this.clock.now(), personId === NO_PERSON.personId ? null : personId);
  }

  /** Records the hours that have ended. Never throws. */
  @Interval(EVERY_MS)
  async run(): Promise<void> {
    this.recording ??= this.record(this.counts.waiting(this.clock.now())).finally(() => {
      this.recording = undefined;
    });
    await this.recording;
  }

  /** Records the present hour too. Never throws. */
  async stop(): Promise<void> {
    await this.recording;
    await this.record(this.counts.waiting());
  }

  private async record(hours: readonly string[]): Promise<void> {
    try {
      for (const hour of hours) await this.recordHour(hour);
    } catch (error) {
      this.failures.record('counts', error);
    }
  }

  private async recordHour(hour: string): Promise<void> {
    const id = deterministicId('sign-in-failures', hour, this.instance);
    await runInContext({ correlationId: id, causationId: id, commandId: id }, async () =>
      this.commandHandling.retrying(async () =>
        this.commandHandling.decideMany(
          this.counts.of(hour).map((failures) => ({
            stream: signInFailuresStream(failures, this.instance),
            eventContext: { actor: SYSTEM, scope: PLATFORM, organisationId: null },
            decide: (history) => recordFailures(signInFailuresFrom(history), failures),
            onlyIf: null,
          })),
        ),
      ),
    );
    this.counts.forget(hour);
  }
}
