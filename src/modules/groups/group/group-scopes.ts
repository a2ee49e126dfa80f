import { Injectable } from '@nestjs/common';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { type Scope, Scopes } from '../../access/access.contract.js';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { evolveGroup, UNKNOWN_GROUP, type Group, type KnownGroup } from './group.js';
import type { GroupEvent } from './group.events.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';

export function groupStream(id: string): string {
  return StreamId.of('group', id);
}

/** The state of the group, from its stream. */
export function groupFrom(history: readonly StoredEvent[]): Group {
  return (history as readonly unknown[] as readonly GroupEvent[]).reduce(evolveGroup, UNKNOWN_GROUP);
}

/**
 * Loads groups as scopes. Roles of the platform hold in them, roles of their organisation don't. A deleted group counts
 * as archived, and so does one in an archived organisation.
 */
@Injectable()
export class GroupScopes {
  constructor(
    private readonly scopes: Scopes,
    private readonly store: EventStore,
  ) {}

  async load(id: string, reads: StreamSource): Promise<Scope | undefined> {
    return (await this.loadGroup(id, reads))?.scope;
  }

  /** The group and its scope, from one read of the stream. */
  async loadGroup(
    id: string,
    reads: StreamSource = this.store,
  ): Promise<{ group: KnownGroup; scope: Scope; organisationArchived: boolean } | undefined> {
    const group = groupFrom(await reads.read(groupStream(id)));
    if (group.status === 'unknown') return undefined;
    const organisation = await this.scopes.load({ kind: 'organisation', id: group.organisationId }, reads);
    if (!organisation) return undefined;
    const ref = { kind: 'group' as const, id };
    const archived = group.status === 'deleted' || organisation.archived;
    const scope = {
      ...ref,
      name: group.name,
      organisation: organisation.organisation,
      archived,
      policies: organisation.policies,
      coveredBy: [ref, PLATFORM],
    };
    return { group, scope, organisationArchived: organisation.archived };
  }
}
