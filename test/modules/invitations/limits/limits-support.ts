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

/** The routes by which people are invited to one place, and the grant for the body of a call. */
export interface Invites {
  place: Place;
  path: string;
  extra: object;
  /** `<one>/<id>` is the path of an invitation. */
  one: string;
}

export const PLATFORM_STAFF: Invites = {
  place: { id: '', path: '/v1/platform' },
  path: '/v1/platform/staff-invitations',
  extra: { role: 'support' },
  one: '/v1/staff-invitations',
};

export const fresh = (count: number): string[] => Array.from({ length: count }, () => freshEmail('invitee'));

/** The steps that the suites of limits share. @param serverOf returns the server of the present test */
export function limitsOn(serverOf: () => TestServer) {
  const everything = async (): Promise<number> => (await serverOf().events()).length;
  return {
    /** A new organisation: its staff, a deployment's staff, that deployment's patients, and a group. */
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
    /** Expects a 429 after which nothing is stored. @param most the longest `Retry-After` in milliseconds */
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
