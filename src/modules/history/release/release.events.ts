import {
  fields,
  object,
  text,
  texts,
  type Check,
  type DeclaredStreams,
  type Shapes,
} from '../../../shared/event-sourcing/event-shapes.js';

/** What roles mean in a release. Stored on the stream of the platform's roles. Stored names are permanent. */
export interface ReleaseDomainEvents {
  BuiltInRolesChanged: {
    /** The version of the product. */
    release: string;
    roles: readonly { id: string; name: string; permissions: readonly string[] }[];
    /** Permissions that a permission implies, by permission. */
    implied: Readonly<Record<string, readonly string[]>>;
    /** Which roles the holder of a built-in role may give, by role. */
    grants: Readonly<Record<string, { roles: readonly string[]; custom: boolean }>>;
    /** The permission sets of groups, by key. */
    sets: Readonly<Record<string, { name: string; administrator: boolean; contentCreator: boolean }>>;
  };
}
export type BuiltInRoles = ReleaseDomainEvents['BuiltInRolesChanged'];

const role = fields({ id: text, name: text, permissions: texts });
const roles: Check = (value) => Array.isArray(value) && value.every(role);
const RELEASE_SHAPES: Shapes<ReleaseDomainEvents> = {
  BuiltInRolesChanged: { release: text, roles, implied: object, grants: object, sets: object },
};

/** On the streams of roles. */
export const RELEASE_STREAMS = { category: null, types: RELEASE_SHAPES } as const satisfies DeclaredStreams;
