import type { Operation } from './openapi.js';

/**
 * The areas of the interface, by their paths. A test of every route is one test for each area, because one test for all
 * would take too long.
 */
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

/** The operations of one area. Each operation is in exactly one area, so that each test of all areas covers it. */
export function inArea(operations: readonly Operation[], area: Area): Operation[] {
  return operations.filter(({ path }) => AREAS.find((one) => PATHS[one].test(path)) === area);
}
