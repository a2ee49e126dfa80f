import { Global, Module, type DynamicModule, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { ProjectionRunners } from '../../shared/projections/projection-runners.js';
import { AccessDifferences } from './access/access-differences.js';
import { ACCESS_ROUTES } from './access/access.controller.js';
import { DiffAccessHandler } from './access/diff-access.query.js';
import { GrantViews } from './access/grant-views.js';
import { GrantsAt } from './access/grants-at.js';
import { Instants } from './access/instants.js';
import { ListAccessHandler } from './access/list-access.query.js';
import { Chains } from './explanation/chains.js';
import { ExplainAccessHandler } from './explanation/explain-access.query.js';
import { ExplainedGrants } from './explanation/explained-grants.js';
import { ExplanationController } from './explanation/explanation.controller.js';
import { HistoryRunner } from './history-runner.js';
import { historyProjection } from './read-models/history.projection.js';
import { HistoryAccess } from './reading/history-access.js';
import { EntryLocator } from './reading/entry-locator.js';
import { PastFacts } from './reading/past-facts.js';
import { Release, ReleaseRecorder } from './release/release-recorder.js';
import { AccessSteps } from './steps/access-steps.js';
import { ListAccessStepsHandler } from './steps/list-access-steps.query.js';
import { EntryViews } from './timeline/entry-views.js';
import { HISTORY_ROUTES } from './timeline/history.controller.js';
import { HistoryStreams } from './timeline/history-streams.js';
import { ListHistoryHandler } from './timeline/list-history.query.js';
import { EntryPages } from './timeline/entry-pages.js';
import { ReadOwnHistoryHandler } from './timeline/read-own-history.query.js';
import { ReadStoryHandler } from './timeline/read-story.query.js';
import { STORY_ROUTES } from './timeline/stories.controller.js';
import { Timelines } from './timeline/timelines.js';
import { Stories } from './timeline/stories.js';

export interface HistoryOptions {
  /** The version of the product. */
  release: string;
}

/** Global, because calls that take an entry back find it here. */
@Global()
@Module({
  controllers: [...HISTORY_ROUTES, ...STORY_ROUTES, ...ACCESS_ROUTES, ExplanationController],
  providers: [
    HistoryRunner,
    ReleaseRecorder,
    HistoryAccess,
    EntryLocator,
    PastFacts,
    EntryViews,
    ListHistoryHandler,
    EntryPages,
    Timelines,
    HistoryStreams,
    Stories,
    ReadStoryHandler,
    ReadOwnHistoryHandler,
    Instants,
    AccessDifferences,
    GrantsAt,
    GrantViews,
    ListAccessHandler,
    DiffAccessHandler,
    AccessSteps,
    ListAccessStepsHandler,
    Chains,
    ExplainedGrants,
    ExplainAccessHandler,
  ],
  exports: [EntryLocator],
})
export class HistoryModule implements OnModuleInit, OnApplicationBootstrap {
  static with({ release }: HistoryOptions): DynamicModule {
    return { module: HistoryModule, providers: [{ provide: Release, useValue: new Release(release) }] };
  }

  constructor(
    private readonly runners: ProjectionRunners,
    private readonly runner: HistoryRunner,
    private readonly live: ProjectionRunner,
    private readonly recorder: ReleaseRecorder,
  ) {}

  onModuleInit(): void {
    this.runner.register(historyProjection());
    this.runner.yieldTo(this.live);
    this.runners.add(this.runner);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.recorder.record();
  }
}
