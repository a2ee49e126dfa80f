import { Injectable } from '@nestjs/common';
import { TUNING } from '../../shared/batching/tuning.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import type { RunnerManners } from '../../shared/projections/projection-worker.js';

/** A batch that waited for something else must not be followed by a long rest. */
const MOST_REST_MS = 2000;
/** It catches up without a rest once it is this far behind, so that a call finds what it waits for. */
const RESTS_BEHIND_MS = 30_000;
/** Milliseconds that a call about the history waits. */
const PATIENCE_MS = 5000;

/**
 * Runs the history's read models, with a subscription and checkpoints of their own, so that no other call waits for
 * them.
 */
@Injectable()
export class HistoryRunner extends ProjectionRunner {
  private live: ProjectionRunner | undefined;

  protected override manners(): RunnerManners {
    return {
      countsForeign: false,
      // It rests after a small batch too, because only calls about the history wait for it.
      restMs: ({ isLarge, tookMs, mode }) => {
        const paceMs = TUNING.projectionPaceMs.value - tookMs;
        if (mode === 'embedded' || !isLarge) return paceMs;
        return Math.min(tookMs / TUNING.historyShare.value - tookMs, MOST_REST_MS);
      },
      restsBehind: ({ recordedAt }) =>
        this.live?.isBusy === true && Date.now() - Date.parse(recordedAt) < RESTS_BEHIND_MS,
    };
  }

  /** Makes room for the read models that other calls wait for. */
  yieldTo(live: ProjectionRunner): void {
    this.live = live;
  }

  /**
   * Waits until the history shows everything stored so far, and so also what `Min-Event-Position` names.
   * @throws RuleBroken `read-model-behind`
   */
  async mustShowEverything(): Promise<void> {
    await this.mustCatchUp(PATIENCE_MS);
  }
}
