import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { keyOf, PERMISSION_SETS, type PermissionSetKey } from '../../groups/groups.contract.js';
import type { GroupRights } from './group-rights.js';

/** The sets, in the order of the choices: that with the fewest permissions first. */
const KEYS = ['viewer', 'content-creator', 'administrator', 'administrator-content-creator'] as const;

/** The choices of the field `set` that the visitor may give. */
export function setChoices({ administers }: GroupRights): readonly PermissionSetKey[] {
  return KEYS.filter((key) => administers || PERMISSION_SETS[key].administrator);
}

/** The permissions of a chosen set, as the API names them; none for any other word, so that the API asks for them. */
export function permissionsIn(set: string): { administrator?: boolean; contentCreator?: boolean } {
  const key = KEYS.find((each) => each === set);
  if (key === undefined) return {};
  const { administrator, contentCreator } = PERMISSION_SETS[key];
  return { administrator, contentCreator };
}

/** As `permissionsIn`, of a field that must name a set. @throws RuleBroken `invalid-input` */
export function chosenPermissions(set: string) {
  const permissions = permissionsIn(set);
  if (permissions.administrator === undefined)
    throw new RuleBroken('invalid-input', { errors: [{ field: 'set', message: '' }] });
  return permissions;
}

/** The key of the set with these permissions. */
export function setIn({
  administrator = false,
  contentCreator = false,
}: {
  administrator?: boolean;
  contentCreator?: boolean;
}): PermissionSetKey {
  return keyOf({ administrator, contentCreator });
}
