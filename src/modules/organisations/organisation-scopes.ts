import { Injectable } from '@nestjs/common';
import { PLATFORM } from '../access/access.domain.contract.js';
import type { Scope } from '../access/access.contract.js';
import type { StoredEvent } from '../../shared/event-sourcing/event-store.js';
import type { StreamSource } from '../../shared/event-sourcing/append-condition.js';
import { evolveOrganisation, UNKNOWN_ORGANISATION, type Organisation } from './organisation.js';
import type { OrganisationEvent } from './organisation.events.js';
import { StreamId } from '../../shared/event-sourcing/stream-id.js';

export function organisationStream(id: string): string {
  return StreamId.of('organisation', id);
}

/** The organisation as its stream has it. */
export function organisationFrom(history: readonly StoredEvent[]): Organisation {
  return (history as readonly unknown[] as readonly OrganisationEvent[]).reduce(
    evolveOrganisation,
    UNKNOWN_ORGANISATION,
  );
}

/** Organisations as scopes. */
@Injectable()
export class OrganisationScopes {
  async load(id: string, reads: StreamSource): Promise<Scope | undefined> {
    const organisation = organisationFrom(await reads.read(organisationStream(id)));
    if (organisation.status === 'unknown') return undefined;
    const { name } = organisation.profile;
    const ref = { kind: 'organisation' as const, id };
    return {
      ...ref,
      name,
      organisation: { id, name },
      archived: organisation.status === 'archived',
      coveredBy: [ref, PLATFORM],
    };
  }
}
