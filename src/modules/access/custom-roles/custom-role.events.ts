import {
  optional,
  scopeRef,
  text,
  texts,
  type DeclaredStreams,
  type Shapes,
} from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { Permission } from '../permissions.js';
import type { ScopeRef } from '../scope-ref.js';

/**
 * Domain events of `role-<organisation's UUID>`. All custom roles of an organisation share one stream, so that names
 * stay unique.
 */
export interface CustomRoleDomainEvents {
  /** `scope` is the organisation, or one of its deployments. */
  RoleDefined: { roleId: string; name: string; permissions: Permission[]; scope: ScopeRef };
  /** Has only the fields that changed. `permissions` is the whole list. */
  RoleEdited: { roleId: string; name?: string; permissions?: Permission[] };
  /**
   * From then on `roleId` means the role `movedTo` in all events and rows. Without `movedTo`, nobody holds the role.
   */
  RoleDeleted: { roleId: string; movedTo?: string };
}
export type CustomRoleDomainEvent = {
  [Type in keyof CustomRoleDomainEvents]: { type: Type; data: CustomRoleDomainEvents[Type] };
}[keyof CustomRoleDomainEvents];
export type CustomRoleEvent = Omit<StoredEvent, 'type' | 'data'> & CustomRoleDomainEvent;

const CUSTOM_ROLE_SHAPES: Shapes<CustomRoleDomainEvents> = {
  RoleDefined: { roleId: text, name: text, permissions: texts, scope: scopeRef },
  RoleEdited: { roleId: text, name: optional(text), permissions: optional(texts) },
  RoleDeleted: { roleId: text, movedTo: optional(text) },
};

export const CUSTOM_ROLE_STREAMS = { category: 'role', types: CUSTOM_ROLE_SHAPES } as const satisfies DeclaredStreams;
