import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization, targetsOf } from '../access/access.contract.js';
import { CommandHandling, newId, type Decide } from '../../shared/event-sourcing/command-handling.js';
import type { CreateDeploymentDto, DeploymentView } from './deployment.dto.js';
import { deploymentView } from './deployment-list.projection.js';
import { deploymentFrom, deploymentStream } from './deployment-scopes.js';
import { createDeployment } from './deployment.js';

export class CreateDeployment extends Command<DeploymentView> {
  constructor(
    readonly actor: string,
    readonly organisationId: string,
    readonly dto: CreateDeploymentDto,
  ) {
    super();
  }
}

@CommandHandler(CreateDeployment)
export class CreateDeploymentHandler implements ICommandHandler<CreateDeployment> {
  constructor(
    private readonly authorization: Authorization,
    private readonly commandHandling: CommandHandling,
  ) {}

  async execute({ actor, organisationId, dto }: CreateDeployment): Promise<DeploymentView> {
    const id = newId('deployment');
    const profile = {
      name: dto.name,
      privacyPolicyUrl: dto.privacyPolicyUrl ?? null,
      termsUrl: dto.termsUrl ?? null,
      targets: targetsOf(dto.targets),
      appStoreUrl: dto.appStoreUrl ?? null,
      playStoreUrl: dto.playStoreUrl ?? null,
      offboardingReasons: dto.offboardingReasons ?? [],
    };
    const eventContext = { actor, scope: { kind: 'deployment' as const, id }, organisationId };
    await this.commandHandling.retrying(async (reads) => {
      await this.authorization.requireWrite(
        actor,
        'deployment.manage',
        { kind: 'organisation', id: organisationId },
        reads,
      );
      const decide: Decide = (history) => createDeployment(deploymentFrom(history), organisationId, profile);
      await this.commandHandling.decide({
        stream: deploymentStream(id),
        eventContext,
        decide,
        onlyIf: reads,
      });
    });
    return deploymentView(id, { organisationId, ...profile }, false);
  }
}
