import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ArchivableScopes, profileOf } from '../access/access.contract.js';
import type { CreateOrganisationDto, OrganisationView } from './organisation.dto.js';
import { ORGANISATION } from './organisation.js';

/** Creates an organisation. Needs `organisation.create`. */
export class CreateOrganisation extends Command<OrganisationView> {
  constructor(
    readonly actor: string,
    readonly dto: CreateOrganisationDto,
  ) {
    super();
  }
}

@CommandHandler(CreateOrganisation)
export class CreateOrganisationHandler implements ICommandHandler<CreateOrganisation> {
  constructor(private readonly scopes: ArchivableScopes) {}

  async execute({ actor, dto }: CreateOrganisation): Promise<OrganisationView> {
    const profile = { ...profileOf(dto), viewType: dto.viewType ?? 'rpm' };
    return this.scopes.create(ORGANISATION, actor, 'organisation.create', profile);
  }
}
