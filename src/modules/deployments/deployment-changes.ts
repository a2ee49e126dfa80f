import { Injectable } from '@nestjs/common';
import type { ScopeRef } from '../access/access.domain.contract.js';
import { CommandHandling } from '../../shared/event-sourcing/command-handling.js';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import type { ReadSet } from '../../shared/event-sourcing/append-condition.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import type { DeploymentView } from './deployment.dto.js';
import type { DeploymentDomainEvent } from './deployment.events.js';
import { deploymentView } from './deployment-list.projection.js';
import { deploymentFrom, deploymentStream } from './deployment-scopes.js';
import type { Deployment } from './deployment.js';

/** What was found when a change was authorised. `archived`: nothing may be stored. */
interface Authorised {
  organisationId: string | null;
  archived: boolean;
}

/** Stores a change to a deployment that exists, and answers with the deployment after it. */
@Injectable()
export class DeploymentChanges {
  constructor(
    private readonly commandHandling: CommandHandling,
    private readonly store: EventStore,
  ) {}

  /** @throws RuleBroken whatever `authorise` and `decide` throw; `scope-archived`, `not-found` */
  async change(
    actor: string,
    id: string,
    authorise: (scope: ScopeRef, reads: ReadSet) => Promise<Authorised>,
    decide: (deployment: Deployment) => DeploymentDomainEvent[],
  ): Promise<DeploymentView> {
    const scope: ScopeRef = { kind: 'deployment', id };
    const stream = deploymentStream(id);
    await this.commandHandling.retrying(async (reads) => {
      const { organisationId, archived } = await authorise(scope, reads);
      await this.commandHandling.decide({
        stream,
        eventContext: { actor, scope, organisationId },
        onlyIf: reads,
        decide: (history) => {
          // Checked here, because a repeated call must find what it stored before a crash.
          if (archived) throw new RuleBroken('scope-archived');
          return decide(deploymentFrom(history));
        },
      });
    });
    const deployment = deploymentFrom(await this.store.read(stream));
    if (deployment.status === 'unknown') throw new RuleBroken('not-found');
    return deploymentView(id, deployment.profile, deployment.status === 'archived');
  }
}
