import { optional, scopeRef, text, texts, type Shapes } from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { Permission } from '../permissions.js';
import type { ScopeRef } from '../../../shared/event-sourcing/scope-ref.js';

/** Facts of `role-<organisation's UUID>`: all custom roles of an organisation on one stream, so that a name can be taken only once. */
export interface CustomRoleDomainEvents {
  /** `scope`: the organisation, or one of its deployments. */
  RoleDefined: { roleId: string; name: string; permissions: Permission[]; scope: ScopeRef };
  /** Only what changed; `permissions` whole. */
  RoleEdited: { roleId: string; name?: string; permissions?: Permission[] };
  /** From here on `roleId` means the role `movedTo` wherever it stands; without it, nobody holds it. */
  RoleDeleted: { roleId: string; movedTo?: string };
}
export type CustomRoleDomainEvent = {
  [Type in keyof CustomRoleDomainEvents]: { type: Type; data: CustomRoleDomainEvents[Type] };
}[keyof CustomRoleDomainEvents];
export type CustomRoleEvent = Omit<StoredEvent, 'type' | 'data'> & CustomRoleDomainEvent;

export const CUSTOM_ROLE_SHAPES: Shapes<CustomRoleDomainEvents> = {
  RoleDefined: { roleId: text, name: text, permissions: texts, scope: scopeRef },
  RoleEdited: { roleId: text, name: optional(text), permissions: optional(texts) },
  RoleDeleted: { roleId: text, movedTo: optional(text) },
};
