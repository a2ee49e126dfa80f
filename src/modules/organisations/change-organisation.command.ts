import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization, targetsOf } from '../access/access.contract.js';
import type { Permission } from '../access/access.domain.contract.js';
import type { ScopeRef } from '../../shared/event-sourcing/scope-ref.js';
import { CommandHandling } from '../../shared/event-sourcing/command-handling.js';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import type { EditOrganisationDto, OrganisationView } from './organisation.dto.js';
import type { OrganisationDomainEvent } from './organisation.events.js';
import { organisationView } from './organisation-list.projection.js';
import { organisationFrom, organisationStream } from './organisation-scopes.js';
import { archiveOrganisation, editOrganisation, restoreOrganisation, type Organisation } from './organisation.js';

export type OrganisationChange = { kind: 'edit'; dto: EditOrganisationDto } | { kind: 'archive' } | { kind: 'restore' };

/** Edits, archives or restores an organisation. Restoring is the super-admin's alone. */
export class ChangeOrganisation extends Command<OrganisationView> {
  constructor(
    readonly actor: string,
    readonly id: string,
    readonly change: OrganisationChange,
  ) {
    super();
  }
}

const NEEDS: Record<'edit' | 'archive', Permission> = { edit: 'organisation.edit', archive: 'organisation.archive' };

@CommandHandler(ChangeOrganisation)
export class ChangeOrganisationHandler implements ICommandHandler<ChangeOrganisation> {
  constructor(
    private readonly authorization: Authorization,
    private readonly commandHandling: CommandHandling,
    private readonly store: EventStore,
  ) {}

  async execute({ actor, id, change }: ChangeOrganisation): Promise<OrganisationView> {
    const scope: ScopeRef = { kind: 'organisation', id };
    const stream = organisationStream(id);
    await this.commandHandling.retrying(async (reads) => {
      if (change.kind === 'restore') await this.authorization.requireSuperAdmin(actor, scope, reads);
      // That it isn't archived is decided below, where an archiving that was stored before a crash is not refused when it is repeated.
      else await this.authorization.requireRead(actor, NEEDS[change.kind], scope, reads);
      await this.commandHandling.decide({
        stream,
        eventContext: { actor, scope, organisationId: id },
        decide: (history) => decide(organisationFrom(history), change),
        onlyIf: reads,
      });
    });
    const organisation = organisationFrom(await this.store.read(stream));
    if (organisation.status === 'unknown') throw new RuleBroken('not-found');
    return organisationView(id, organisation.profile, organisation.status === 'archived');
  }
}

function decide(organisation: Organisation, change: OrganisationChange): OrganisationDomainEvent[] {
  switch (change.kind) {
    case 'edit': {
      const { targets, ...rest } = change.dto;
      return editOrganisation(organisation, {
        ...rest,
        ...(targets ? { targets: targetsOf(targets, organisation) } : {}),
      });
    }
    case 'archive':
      return archiveOrganisation(organisation);
    case 'restore':
      return restoreOrganisation(organisation);
  }
}
