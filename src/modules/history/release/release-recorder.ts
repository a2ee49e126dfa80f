import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { roleStream } from '../../access/access.contract.js';
import { BUILT_IN_ROLES, GRANTING, IMPLIED, PLATFORM } from '../../access/access.domain.contract.js';
import { PERMISSION_SETS } from '../../groups/groups.contract.js';
import { CommandHandling, SYSTEM } from '../../../shared/event-sourcing/command-handling.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { runInContext } from '../../../shared/request-context/request-context.js';
import type { BuiltInRoles } from './release.events.js';

/** The version of the product. */
export class Release {
  constructor(readonly version: string) {}
}

/** Records what built-in roles mean whenever a release changes it, so that a release never rewrites the past. */
@Injectable()
export class ReleaseRecorder {
  constructor(
    private readonly commandHandling: CommandHandling,
    private readonly release: Release,
  ) {}

  /** Stores an event when the log doesn't say yet what this release means. Instances that start together store one. */
  async record(): Promise<void> {
    const meant = meantBy(this.release.version);
    const commandId = randomUUID();
    const context = { actor: SYSTEM, scope: PLATFORM, organisationId: null };
    await runInContext({ correlationId: commandId, causationId: commandId, commandId }, async () =>
      this.commandHandling.decideAlone(roleStream(PLATFORM.id), context, (history) => {
        const said = releaseFrom(history);
        const isSaid = said !== null && isSame(said, meant);
        return isSaid ? [] : [{ type: 'BuiltInRolesChanged', data: meant }];
      }),
    );
  }
}

/** What the log says last about built-in roles; null when it says nothing yet. */
export function releaseFrom(history: readonly StoredEvent[]): BuiltInRoles | null {
  const last = history.findLast(({ type }) => type === 'BuiltInRolesChanged');
  return last ? (last.data as unknown as BuiltInRoles) : null;
}

function meantBy(release: string): BuiltInRoles {
  return {
    release,
    roles: BUILT_IN_ROLES.map(({ id, name, permissions }) => ({ id, name, permissions })),
    implied: IMPLIED,
    grants: GRANTING,
    sets: PERMISSION_SETS,
  };
}

/** Compares everything except for the version. */
function isSame({ roles, implied, grants, sets }: BuiltInRoles, meant: BuiltInRoles): boolean {
  const said = { roles, implied, grants, sets };
  const wanted = { roles: meant.roles, implied: meant.implied, grants: meant.grants, sets: meant.sets };
  return JSON.stringify(said) === JSON.stringify(wanted);
}
