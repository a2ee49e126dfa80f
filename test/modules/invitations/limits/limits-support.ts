import type { Response } from 'supertest';
import type { TestServer } from '../../../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  freshEmail,
  type Place,
} from '../../../support/scenarios.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Where people are invited, and to what. */
export interface Invites {
  place: Place;
  path: string;
  extra: object;
  /** Where one invitation is. */
  one: string;
}

export const PLATFORM_STAFF: Invites = {
  place: { id: '', path: '/v1/platform' },
  path: '/v1/platform/staff-invitations',
  extra: { role: 'support' },
  one: '/v1/staff-invitations',
};

export const fresh = (count: number): string[] => Array.from({ length: count }, () => freshEmail('invitee'));

/** What both suites of limits do. @param serverOf the one of the present test */
export function limitsOn(serverOf: () => TestServer) {
  const everything = async (): Promise<number> => (await serverOf().events()).length;
  return {
    /** One place of each kind that invites, in an organisation of their own: its staff, a deployment's staff and patients, a group. */
    async places(): Promise<Invites[]> {
      const organisation = await createOrganisation(serverOf());
      const [deployment, group] = [
        await createDeployment(serverOf(), organisation),
        await createGroup(serverOf(), organisation),
      ];
      return [
        {
          place: organisation,
          path: `${organisation.path}/staff-invitations`,
          extra: { role: 'contributor' },
          one: '/v1/staff-invitations',
        },
        {
          place: deployment,
          path: `${deployment.path}/staff-invitations`,
          extra: { role: 'contributor' },
          one: '/v1/staff-invitations',
        },
        {
          place: deployment,
          path: `${deployment.path}/patient-invitations`,
          extra: {},
          one: '/v1/patient-invitations',
        },
        {
          place: group,
          path: `${group.path}/invitations`,
          extra: { administrator: false, contentCreator: true },
          one: '/v1/group-invitations',
        },
      ];
    },
    inviting: (to: Invites, emails: string[], more: object = {}, by = serverOf().admin) =>
      by.post(to.path, { emails, ...to.extra, ...more }),
    /** Refused whole: nothing is stored. */
    async refused(call: () => PromiseLike<Response>, code: string, most: number, left?: number): Promise<void> {
      const before = await everything();
      const { status, body, headers } = await call();
      expect([status, body.code, body.left]).toEqual([429, code, left]);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(most / 1000);
      expect(await everything()).toBe(before);
    },
  };
}
