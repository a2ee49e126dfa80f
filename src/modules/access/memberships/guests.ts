import { Injectable } from '@nestjs/common';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import type { Permission } from '../permissions.js';
import type { ScopeRef } from '../scope-ref.js';

/** Permissions that guests may have. Authorisation asks for no others where the caller has no role. */
export type GuestPermission = Extract<Permission, 'deployment.view'>;

/** A kind of guest. The module of its type of invitation registers it. */
export interface GuestKind {
  /** The permissions of such a guest in the scope. */
  readonly permissions: readonly GuestPermission[];
  /** The stream that says whether the person is such a guest there. */
  streamOf(personId: string, scope: ScopeRef): string;
  /** Whether the stream shows such a guest now. */
  isHeld(history: readonly StoredEvent[]): boolean;
  /** Ids of the scopes in which the person is such a guest, for lists. May lag. */
  scopesOf(personId: string): Promise<string[]>;
}

/** Says what guests may do in their scope. Source: docs/domain.md §5.2 */
@Injectable()
export class Guests {
  private readonly kinds: GuestKind[] = [];

  constructor(private readonly store: EventStore) {}

  register(kind: GuestKind): void {
    this.kinds.push(kind);
  }

  /** The person's permissions as a guest of the scope, read through `reads`. */
  async permissionsIn(personId: string, scope: ScopeRef, reads: StreamSource = this.store): Promise<GuestPermission[]> {
    const kinds = this.kinds.map((kind) => ({ kind, stream: kind.streamOf(personId, scope) }));
    const histories = kinds.length === 0 ? undefined : await reads.readMany(kinds.map(({ stream }) => stream));
    return kinds.flatMap(({ kind, stream }) => (kind.isHeld(histories?.get(stream) ?? []) ? kind.permissions : []));
  }

  /** Ids of the scopes in which the person is a guest with the permission, for lists. May lag. */
  async scopesOf(personId: string, permission: GuestPermission): Promise<string[]> {
    const kinds = this.kinds.filter(({ permissions }) => permissions.includes(permission));
    return (await Promise.all(kinds.map(async (kind) => kind.scopesOf(personId)))).flat();
  }
}
