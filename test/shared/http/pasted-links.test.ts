import { get } from 'node:http';
import { LINK_SEGMENTS } from '../../../src/bootstrap/link-segments.js';
import { withoutPastedEnds } from '../../../src/shared/http/links/pasted-links.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  invite,
  makePatientLink,
  type Place,
} from '../../support/scenarios.js';

const withoutPastedEnd = withoutPastedEnds(LINK_SEGMENTS);

/** The ends as browsers send them, and as other clients do. */
const ENDS = [
  '.',
  ',',
  ';',
  ':',
  '!',
  ')',
  ').',
  ']',
  '}',
  '*',
  "'",
  '/',
  '//',
  './',
  '&',
  '%3E',
  '%3e',
  '>',
  '%22',
  '"',
  '%22%3E',
  '%E2%80%9D',
  '%E2%80%9C',
  '%E2%80%99.',
  '%C2%BB',
  '%E2%80%A6',
  '%E3%80%82',
  '%20',
  '%0A',
  '%C2%A0',
  '%E2%80%8B',
  '%3F',
  '%23',
];
const TOKEN = 'AQHtoken-with_51_characters';

describe('a text that was copied together with a link', () => {
  const starts = ['/invitations/', '/join/', '/unsubscribe/', '/v1/invitations/', '/v1/links/', '/v1/unsubscribe/'].map(
    (start) => start + TOKEN,
  );

  it.each(starts)('is removed from its end, also before a step or a query: %s', (start) => {
    for (const end of ENDS) {
      for (const rest of ['', '/accept', '/sign-in', '/requests', '?a=b.', '/accept?a=b.'])
        expect([end, rest, withoutPastedEnd(start + end + rest)]).toEqual([end, rest, start + rest]);
    }
  });

  it('is the only text that is removed', () => {
    for (const start of starts) {
      for (const rest of [
        '',
        '/accept',
        '%41',
        '.a',
        '.a/accept',
        '%2Faccept',
        '.%ZZ',
        '/accept.',
        '/accept/',
        '/Accept',
        'é',
        '%C3%A9',
        '?',
        '?next=.',
      ]) {
        expect(withoutPastedEnd(start + rest)).toBe(start + rest);
      }
    }
    for (const url of [
      '/',
      '/v1/me.',
      '/v1/organisations/one.',
      '/v1/me/invitations/one./accept',
      '/invitations/',
      '/invitations/.',
      '/elsewhere/invitations/x.',
      '*',
      'http://host/x.',
    ])
      expect(withoutPastedEnd(url)).toBe(url);
  });
});

describeOnOneEngine('a link with a text that was copied together with it', (engine) => {
  let server: TestServer;
  let place: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    place = await createOrganisation(server);
  });
  afterAll(async () => server.close());

  it('opens like the link itself, on pages and in the API', async () => {
    const { token: mailed } = await invite(server, server.admin, place, freshEmail(), 'contributor');
    const { token: joining } = await makePatientLink(server.admin, await createDeployment(server, place));
    for (const path of [
      `/invitations/${mailed}`,
      `/v1/invitations/${mailed}`,
      `/join/${joining}`,
      `/v1/links/${joining}`,
    ]) {
      const { text } = await server.anonymous.get(path).expect(200);
      for (const end of ENDS) {
        // The path is sent as it is, because clients would change it.
        const answer = await fetchRaw(server.url, path + end);
        expect([path, end, answer.status, answer.text]).toEqual([path, end, 200, text]);
      }
      for (const end of ['a', '%41', '.a'])
        expect([end, (await fetchRaw(server.url, path + end)).status]).toEqual([end, 404]);
    }
  });

  it('can be answered, by a call with its token and by the form on its page', async () => {
    const { token } = await invite(server, server.admin, place, freshEmail(), 'contributor');
    const { text } = await server.anonymous.get(`/invitations/${token}).`).expect(200);
    expect([...text.matchAll(/action="([^"]+)"/g)].map(([, action]) => action)).toEqual([
      `/invitations/${token}/accept`,
      `/invitations/${token}/decline`,
    ]);
    await server.anonymous.post(`/v1/invitations/${token}./accept`, { name: 'Ann', password: PASSWORD }).expect(200);
    const { token: joining } = await makePatientLink(server.admin, await createDeployment(server, place));
    await server.anonymous.post(`/v1/links/${joining}%E2%80%9D/requests`, { email: freshEmail() }).expect(202);
  });
});

/** Like `fetch`, but sends the path unchanged. */
async function fetchRaw(url: string, path: string): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    get({ hostname, port, path, agent: false }, (response) => {
      let text = '';
      response
        .setEncoding('utf8')
        .on('data', (piece: string) => {
          text += piece;
        })
        .once('end', () => {
          resolve({ status: response.statusCode ?? 0, text });
        });
    }).once('error', reject);
  });
}
