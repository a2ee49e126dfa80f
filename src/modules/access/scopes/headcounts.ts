import { Injectable } from '@nestjs/common';

export type Counted = 'patients' | 'staff';

/** Counts the people of a deployment. Modules register a function for the people whom they know. */
@Injectable()
export class Headcounts {
  private readonly counts = new Map<Counted, (deploymentId: string) => Promise<number>>();

  /** @param count returns the number of active people in the deployment itself; may lag */
  register(counted: Counted, count: (deploymentId: string) => Promise<number>): void {
    this.counts.set(counted, count);
  }

  async in(deploymentId: string): Promise<Partial<Record<Counted, number>>> {
    const counts = [...this.counts].map(async ([counted, count]) => [counted, await count(deploymentId)] as const);
    return Object.fromEntries(await Promise.all(counts));
  }
}
