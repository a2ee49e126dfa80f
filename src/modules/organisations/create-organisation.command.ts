import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization, targetsOf } from '../access/access.contract.js';
import { PLATFORM } from '../access/access.domain.contract.js';
import { CommandHandling, newId, type Decide } from '../../shared/event-sourcing/command-handling.js';
import type { CreateOrganisationDto, OrganisationView } from './organisation.dto.js';
import type { OrganisationProfile } from './organisation.events.js';
import { organisationView } from './organisation-list.projection.js';
import { organisationFrom, organisationStream } from './organisation-scopes.js';
import { createOrganisation } from './organisation.js';

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
  constructor(
    private readonly authorization: Authorization,
    private readonly commandHandling: CommandHandling,
  ) {}

  async execute({ actor, dto }: CreateOrganisation): Promise<OrganisationView> {
    const id = newId('organisation');
    const profile: OrganisationProfile = {
      name: dto.name,
      viewType: dto.viewType ?? 'rpm',
      privacyPolicyUrl: dto.privacyPolicyUrl ?? null,
      termsUrl: dto.termsUrl ?? null,
      targets: targetsOf(dto.targets),
    };
    const eventContext = { actor, scope: { kind: 'organisation' as const, id }, organisationId: id };
    await this.commandHandling.retrying(async (reads) => {
      await this.authorization.requireWrite(actor, 'organisation.create', PLATFORM, reads);
      const decide: Decide = (history) => createOrganisation(organisationFrom(history), profile);
      await this.commandHandling.decide({
        stream: organisationStream(id),
        eventContext,
        decide,
        onlyIf: reads,
      });
    });
    return organisationView(id, profile, false);
  }
}
