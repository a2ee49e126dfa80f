import { Injectable } from '@nestjs/common';
import type { ScopeRef } from '../access/access.domain.contract.js';
import { CommandHandling } from '../../shared/event-sourcing/command-handling.js';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import type { ReadSet } from '../../shared/event-sourcing/append-condition.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import type { OrganisationView } from './organisation.dto.js';
import type { OrganisationDomainEvent } from './organisation.events.js';
import { organisationView } from './organisation-list.projection.js';
import { organisationFrom, organisationStream } from './organisation-scopes.js';
import type { Organisation } from './organisation.js';

/** Stores a change to an organisation that exists, and answers with the organisation after it. */
@Injectable()
export class OrganisationChanges {
  constructor(
    private readonly commandHandling: CommandHandling,
    private readonly store: EventStore,
  ) {}

  /** @throws RuleBroken whatever `authorise` and `decide` throw; `not-found` */
  async change(
    actor: string,
    id: string,
    authorise: (scope: ScopeRef, reads: ReadSet) => Promise<unknown>,
    decide: (organisation: Organisation) => OrganisationDomainEvent[],
  ): Promise<OrganisationView> {
    const scope: ScopeRef = { kind: 'organisation', id };
    const stream = organisationStream(id);
    await this.commandHandling.retrying(async (reads) => {
      await authorise(scope, reads);
      await this.commandHandling.decide({
        stream,
        eventContext: { actor, scope, organisationId: id },
        decide: (history) => decide(organisationFrom(history)),
        onlyIf: reads,
      });
    });
    const organisation = organisationFrom(await this.store.read(stream));
    if (organisation.status === 'unknown') throw new RuleBroken('not-found');
    return organisationView(id, organisation.profile, organisation.status === 'archived');
  }
}
