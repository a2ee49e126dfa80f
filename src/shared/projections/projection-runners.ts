import { Injectable } from '@nestjs/common';
import type { Projection } from './projection.js';
import { ProjectionRunner, type ProjectionState } from './projection-runner.js';

/**
 * Every runner of this process: the one that most read models share, and those of read models that nobody else waits
 * for.
 */
@Injectable()
export class ProjectionRunners {
  private readonly runners: ProjectionRunner[];

  constructor(shared: ProjectionRunner) {
    this.runners = [shared];
  }

  get all(): readonly ProjectionRunner[] {
    return this.runners;
  }

  /** The projections of all runners. */
  get registered(): readonly Projection[] {
    return this.runners.flatMap(({ registered }) => registered);
  }

  /** Adds a runner before the start, so that it is started, stopped, watched and operated like the others. */
  add(runner: ProjectionRunner): void {
    this.runners.push(runner);
  }

  async start(): Promise<void> {
    for (const runner of this.runners) await runner.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.runners.map(async (runner) => runner.stop()));
  }

  /** Returns the state of every projection. */
  async status(): Promise<ProjectionState[]> {
    return (await Promise.all(this.runners.map(async (runner) => runner.status()))).flat();
  }

  /** As `ProjectionRunner.resume`. @throws RuleBroken `checkpoint-ahead`, `log-differs` */
  async resume(name: string, before?: () => Promise<void>): Promise<boolean> {
    return (await this.runnerOf(name)?.resume(name, before)) ?? false;
  }

  /** As `ProjectionRunner.rebuild`. */
  async rebuild(name: string, before?: () => Promise<void>): Promise<boolean> {
    return (await this.runnerOf(name)?.rebuild(name, before)) ?? false;
  }

  private runnerOf(name: string): ProjectionRunner | undefined {
    return this.runners.find(({ registered }) => registered.some((projection) => projection.name === name));
  }
}
