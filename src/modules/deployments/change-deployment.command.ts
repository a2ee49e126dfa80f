import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization, Scopes, targetsOf } from '../access/access.contract.js';
import type { Permission } from '../access/access.domain.contract.js';
import type { ScopeRef } from '../../shared/event-sourcing/scope-ref.js';
import { CommandHandling } from '../../shared/event-sourcing/command-handling.js';
import type { ReadSet } from '../../shared/event-sourcing/read-set.js';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import type { DeploymentView, EditDeploymentDto } from './deployment.dto.js';
import type { DeploymentDomainEvent } from './deployment.events.js';
import { deploymentView } from './deployment-list.projection.js';
import { deploymentFrom, deploymentStream } from './deployment-scopes.js';
import { archiveDeployment, editDeployment, restoreDeployment, type Deployment } from './deployment.js';

export type DeploymentChange = { kind: 'edit'; dto: EditDeploymentDto } | { kind: 'archive' } | { kind: 'restore' };

/** Edits, archives or restores a deployment. Restoring is the super-admin's alone. */
export class ChangeDeployment extends Command<DeploymentView> {
  constructor(
    readonly actor: string,
    readonly id: string,
    readonly change: DeploymentChange,
  ) {
    super();
  }
}

const NEEDS: Record<'edit' | 'archive', Permission> = { edit: 'deployment.manage', archive: 'deployment.archive' };

@CommandHandler(ChangeDeployment)
export class ChangeDeploymentHandler implements ICommandHandler<ChangeDeployment> {
  constructor(
    private readonly authorization: Authorization,
    private readonly scopes: Scopes,
    private readonly commandHandling: CommandHandling,
    private readonly store: EventStore,
  ) {}

  async execute({ actor, id, change }: ChangeDeployment): Promise<DeploymentView> {
    const stream = deploymentStream(id);
    await this.commandHandling.retrying(async (reads) => {
      const { organisationId, archived } = await this.allow(actor, id, change, reads);
      const eventContext = { actor, scope: { kind: 'deployment' as const, id }, organisationId };
      await this.commandHandling.decide({
        stream,
        eventContext: eventContext,
        onlyIf: reads,
        decide: (history) => {
          // Here, where an archiving that was stored before a crash is not refused when it is repeated.
          if (archived) throw new RuleBroken('scope-archived');
          return decide(deploymentFrom(history), change);
        },
      });
    });
    const deployment = deploymentFrom(await this.store.read(stream));
    if (deployment.status === 'unknown') throw new RuleBroken('not-found');
    return deploymentView(id, deployment.profile, deployment.status === 'archived');
  }

  /** Whether the actor may, and whether what the deployment is in, or for all but restoring itself, is archived. @throws RuleBroken */
  private async allow(
    actor: string,
    id: string,
    change: DeploymentChange,
    reads: ReadSet,
  ): Promise<{ organisationId: string | null; archived: boolean }> {
    const ref: ScopeRef = { kind: 'deployment', id };
    if (change.kind !== 'restore') {
      const { scope } = await this.authorization.requireRead(actor, NEEDS[change.kind], ref, reads);
      return { organisationId: scope.organisation?.id ?? null, archived: scope.archived };
    }
    const { scope } = await this.authorization.requireSuperAdmin(actor, ref, reads);
    const organisation =
      scope.organisation && (await this.scopes.load({ kind: 'organisation', id: scope.organisation.id }, reads));
    return { organisationId: scope.organisation?.id ?? null, archived: organisation?.archived ?? false };
  }
}

function decide(deployment: Deployment, change: DeploymentChange): DeploymentDomainEvent[] {
  switch (change.kind) {
    case 'edit': {
      const { targets, offboardingReasons: reasons, ...rest } = change.dto;
      const lists = {
        ...(targets ? { targets: targetsOf(targets, deployment) } : {}),
        ...(reasons === undefined ? {} : { offboardingReasons: reasons ?? [] }),
      };
      return editDeployment(deployment, { ...rest, ...lists });
    }
    case 'archive':
      return archiveDeployment(deployment);
    case 'restore':
      return restoreDeployment(deployment);
  }
}
