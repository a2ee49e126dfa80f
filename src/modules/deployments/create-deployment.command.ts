import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ArchivableScopes, profileOf } from '../access/access.contract.js';
import type { CreateDeploymentDto, DeploymentView } from './deployment.dto.js';
import { DEPLOYMENT } from './deployment.js';

/** Creates a deployment. Needs `deployment.manage` in the organisation. */
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
  constructor(private readonly scopes: ArchivableScopes) {}

  async execute({ actor, organisationId, dto }: CreateDeployment): Promise<DeploymentView> {
    return this.scopes.create(DEPLOYMENT, actor, 'deployment.manage', {
      organisationId,
      ...profileOf(dto),
      appStoreUrl: dto.appStoreUrl ?? null,
      playStoreUrl: dto.playStoreUrl ?? null,
      offboardingReasons: dto.offboardingReasons ?? [],
    });
  }
}
