import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { LeaderElection } from '../../../shared/cluster/leader-election.js';
import { Sweeps } from '../../../shared/cluster/sweeps.js';
import { Database } from '../../../shared/database/database.js';
import { BrokenStream } from '../../../shared/event-sourcing/broken-streams.js';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { FileStorage, type StoredKey } from '../../../shared/file-storage/file-storage.js';
import { Clock } from '../../../shared/time/clock.js';
import { groupFileFrom, groupFileStream } from '../files/group-files.js';
import { groupFrom, groupStream } from '../group/group-scopes.js';
import { isGone } from '../group/group.js';
import { contentKey } from './content-key.js';

const EVERY_MS = 3_600_000;
/** Longer than any upload takes until its event is stored. Clocks of instances differ by less. */
const UPLOAD_WITHIN_MS = 3_600_000;

/**
 * Removes contents that no file keeps: of uploads that a crash ended, of older versions, of removed files and of groups
 * that were deleted too long ago to be restored. It decides on the streams, and never on a read model.
 */
@Injectable()
export class ContentsSweep implements OnApplicationBootstrap {
  constructor(
    private readonly storage: FileStorage,
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly sweeps: Sweeps,
    private readonly leaderElection: LeaderElection,
    private readonly database: Database,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    // No other process uses an embedded installation, so every upload that began before this start has ended.
    if (this.database.embedded) await this.sweep(new Date());
    else
      this.leaderElection.whileLeader(async (signal) => {
        await this.sweeps.run(async () => this.sweep(uploadsEndedBefore(), signal));
      });
  }

  @Interval(EVERY_MS)
  async run(): Promise<void> {
    await this.sweeps.run(async () => this.sweep(uploadsEndedBefore()));
  }

  /** @param before an upload that began earlier has ended */
  private async sweep(before: Date, signal?: AbortSignal): Promise<void> {
    await this.storage.removeDrafts(before);
    const groupsGone = new Map<string, boolean>();
    for await (const stored of this.storage.keys()) {
      if (signal?.aborted) return;
      try {
        await this.sweepFile(stored, before, groupsGone);
      } catch (error) {
        // The contents of a file stay while nobody can read its stream.
        if (!(error instanceof BrokenStream)) throw error;
      }
    }
  }

  /**
   * @param stored the stored contents of one file
   * @param groupsGone what this sweep knows of groups
   */
  private async sweepFile(stored: readonly StoredKey[], before: Date, groupsGone: Map<string, boolean>): Promise<void> {
    const [fileId = ''] = stored[0]?.key.split('/') ?? [];
    const history = await this.store.read(groupFileStream(fileId));
    const known = contentsNamedIn(fileId, history);
    const kept = await this.keptContents(fileId, history, groupsGone);
    for (const { key, storedAt } of stored) {
      const hasEnded = known.has(key) || storedAt < before;
      if (!kept.has(key) && hasEnded) await this.storage.remove(key);
    }
  }

  private async keptContents(
    fileId: string,
    history: readonly StoredEvent[],
    groupsGone: Map<string, boolean>,
  ): Promise<ReadonlySet<string>> {
    const file = groupFileFrom(history);
    if (file.status === 'none') return new Set();
    const { groupId, versions } = file;
    const gone =
      groupsGone.get(groupId) ?? isGone(groupFrom(await this.store.read(groupStream(groupId))), this.clock.now());
    groupsGone.set(groupId, gone);
    return new Set(gone ? [] : versions.map(({ contentId }) => contentKey(fileId, contentId)));
  }
}

function uploadsEndedBefore(): Date {
  return new Date(Date.now() - UPLOAD_WITHIN_MS);
}

/** The keys of all contents that a file has or had. */
function contentsNamedIn(fileId: string, history: readonly StoredEvent[]): ReadonlySet<string> {
  const ids = history.map(({ data }) => data['contentId']).filter((id) => typeof id === 'string');
  return new Set(ids.map((contentId) => contentKey(fileId, contentId)));
}
