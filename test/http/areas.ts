import type { Operation } from './openapi.js';

/** Parts of the interface by their paths. A test of every route is one test for each, because all routes in one would take too long. */
const PATHS = {
  organisations: /^\/v1\/organisations\b/,
  deployments: /^\/v1\/deployments\b/,
  groups: /^\/v1\/groups\b/,
  'members, invitations and files of groups': /^\/v1\/group-/,
  'staff and patients': /^\/v1\/(?:staff|patient)/,
  "one's own and links": /^\/v1\/(?:me|invitations|links)\b/,
  'everything else': /^/,
} as const;

type Area = keyof typeof PATHS;
export const AREAS = Object.keys(PATHS) as readonly Area[];

/** The operations of one area. Each operation is in exactly one, so that a new one can't escape. */
export function inArea(operations: readonly Operation[], area: Area): Operation[] {
  return operations.filter(({ path }) => AREAS.find((one) => PATHS[one].test(path)) === area);
}
