import { domainToASCII } from 'node:url';
import { sql } from 'kysely';
import request from 'supertest';
import { Accounts } from '../../src/modules/accounts/accounts.js';
import { CommandHandling } from '../../src/shared/event-sourcing/command-handling.js';
import { failOnce, restore } from '../support/injected-failure.js';
import { Api, SECRETS, type TestServer } from '../support/test-server.js';
import { createDeployment, createOrganisation, readModelsCaughtUp, type Place } from '../support/scenarios.js';
import { GRETA, groups } from './group-life.js';

/** Texts that occur nowhere else, so that a search finds them. */
const ZEB = {
  email: 'Zebulon.Quastel@example.test',
  name: 'Zebulon Quastelbaum-Ñuñez',
  password: 'marzipan-vortex-41907',
};
const ZOE = { email: 'zoë.quux@bücher-kwark.example', name: 'Zoë Quuxworthy', password: 'gherkin-parabola-88231' };
const GUS = { email: 'gustav.oddfellow@example.test', name: 'Gustav Oddfellow', password: 'turnip-zeppelin-55120' };
const MESSAGE = 'Marmalade xylophone: see you at 7731.\nBring "boots" & <laces>.';
const REASONS = [
  'peregrine disagreement 5582',
  'obsidian farewell 9914',
  'lavender goodbye 3347',
  'cinnamon relapse 1158',
];
const PIA = { email: 'pia.wombat@example.test', name: 'Pia Wombatson', password: 'saffron-trapeze-73310' };
const OLGA = { email: 'olga.onlooker@example.test', name: 'Olga Onlookerova', password: 'pumpernickel-kayak-40218' };
const WRONG_PASSWORDS = ['walnut-mistake-60331', 'pelican-typo-21178'];
const ADDRESS_OF_ORIGIN = '203.0.113.77';
const BEHIND_PROXY = { 'X-Forwarded-For': ADDRESS_OF_ORIGIN, 'User-Agent': 'life' };
/** The settings of the server on which the life runs. */
export const LIFE_SETTINGS = { LOG_LEVEL: 'trace', TRUSTED_PROXIES: '127.0.0.1' };

export interface Life {
  organisation: Place;
  /** Personal data: addresses as typed and as kept, names, message, reasons, IP address. */
  personal: string[];
  /** Passwords, bearer tokens and their signatures, link tokens, the installation's secrets. */
  secrets: string[];
  /** The signature part of each link token. */
  macs: Buffer[];
  /** Every problem document. */
  problems: string[];
}

type Answer = PromiseLike<{ status: number; text: string; body: unknown }>;
/** Makes a call that must be answered with this status. @returns its body */
export type Note = (call: Answer, status: number) => Promise<Record<string, unknown>>;

/** Uses all that the product offers, and makes its errors, with texts that a search finds afterwards. */
export async function liveALife(server: TestServer): Promise<Life> {
  const problems: string[] = [];
  const note: Note = async (call, status) => {
    const answer = await call;
    if (answer.status !== status)
      throw new Error(`expected ${String(status)}, got ${String(answer.status)}: ${answer.text}`);
    // A page may contain the link that called it. A problem document may not.
    if (answer.status >= 400 && answer.text.startsWith('{')) problems.push(answer.text);
    return answer.body as Record<string, unknown>;
  };
  const organisation = await createOrganisation(server, 'Riverside Hospital');
  const deployment = await createDeployment(server, organisation, 'Cohort A');
  const [nurse, gone] = [
    await defineRole(server, organisation, 'Night nurse'),
    await defineRole(server, deployment, 'Day nurse'),
  ];
  const refuseOnce = new Set([mailed(ZEB.email), mailed(GUS.email)]);
  server.smtp.refuse((to) => (refuseOnce.delete(to) ? 451 : null));
  const admin = new Api(server.url, server.admin.token, BEHIND_PROXY);
  const path = `${organisation.path}/staff-invitations`;
  await note(
    admin.post(path, {
      emails: [ZEB.email, ZOE.email, `${ZEB.email} `, 'no address'],
      role: 'organisation-owner',
      message: MESSAGE,
    }),
    201,
  );
  await note(
    admin.post(`${deployment.path}/staff-invitations`, {
      emails: [GUS.email],
      role: gone,
      message: MESSAGE,
      locale: 'de',
    }),
    201,
  );
  await note(admin.post(path, { emails: [ZOE.email], role: 'contributor', mode: 'atomic', dryRun: true }), 201);
  await repeatedCalls(server, note, path);

  const zebLink = (await server.smtp.mailTo(mailed(ZEB.email))).token;
  const zoeLinks = [(await server.smtp.mailTo(mailed(ZOE.email))).token];
  const { items } = (await note(admin.get(`${path}?q=${encodeURIComponent('ZOË.quux')}`), 200)) as {
    items: { id: string; email: string }[];
  };
  const zoeInvitation = items.find(({ email }) => email === kept(ZOE.email))!;
  await note(admin.post(`/v1/staff-invitations/${zoeInvitation.id}/resend`, { expiresIn: '24h' }), 200);
  zoeLinks.push((await server.smtp.mailTo(mailed(ZOE.email), 2)).token);
  const gusLink = (await server.smtp.mailTo(mailed(GUS.email))).token;

  const anonymous = new Api(server.url, null, BEHIND_PROXY);
  const accept = (token: string, body: object) => anonymous.post(`/v1/invitations/${token}/accept`, body);
  await badCalls(server, anonymous, note, [zebLink, zoeLinks[0]!]);
  const zeb = await note(accept(zebLink, { name: ZEB.name, password: ZEB.password }), 200);
  const zoe = await note(accept(zoeLinks[1]!, { name: ZOE.name, password: ZOE.password }), 200);
  await note(accept(zebLink, { name: 'Again', password: WRONG_PASSWORDS[0] }), 410);
  await note(accept(gusLink, { name: GUS.name, password: GUS.password }), 200);
  const sessions = [zeb['token'], zoe['token'], (await server.signIn(ZEB.email, ZEB.password)).token].map(String);
  for (const password of WRONG_PASSWORDS)
    await note(anonymous.post('/v1/auth/sign-in/email', { email: ZEB.email, password }), 401);
  await note(
    anonymous.post('/v1/auth/sign-in/email', { email: 'unknown.oddity@example.test', password: WRONG_PASSWORDS[1] }),
    401,
  );

  await note(admin.patch(`/v1/staff/${String(zoe['membershipId'])}`, { role: nurse, reason: REASONS[0] }), 200);
  await note(admin.patch(`/v1/roles/${nurse}`, { permissions: ['patients.contact'] }), 200);
  await note(admin.delete(`/v1/roles/${gone}?moveTo=${nurse}`), 204);
  await note(admin.delete(`/v1/staff/${String(zoe['membershipId'])}`, { reason: REASONS[1] }), 204);
  await note(
    server.signedIn(sessions[0]!).delete(`/v1/staff/${String(zeb['membershipId'])}`, { reason: REASONS[2] }),
    409,
  );
  await note(admin.post(path, { emails: [ZOE.email], role: 'contributor' }), 201);
  await note(
    anonymous.post(`/v1/invitations/${(await server.smtp.mailTo(mailed(ZOE.email), 3)).token}/decline`, {}),
    204,
  );
  const patient = await patients(server, admin, anonymous, deployment, note);
  const observerSession = await observers(server, admin, anonymous, deployment, note);
  const groupSessions = await groups(server, admin, anonymous, organisation, note, {
    picked: GUS,
    message: MESSAGE,
    reasons: REASONS,
  });
  await internalErrors(server, admin, note, path);

  const unsubscribing = server.smtp.mails.flatMap(
    ({ headers }) => /\/unsubscribe\/([\w-]+)/.exec(headers.get('list-unsubscribe') ?? '')?.[1] ?? [],
  );
  const [first] = unsubscribing;
  await note(anonymous.get(`/unsubscribe/${first!}`), 200);
  await note(anonymous.post(`/unsubscribe/${first!}`), 200);
  await note(anonymous.post(`/unsubscribe/${first!.slice(1)}`), 404);

  const links = [...server.smtp.mails.map(({ token }) => token).filter(Boolean), patient.link, ...unsubscribing];
  return {
    organisation,
    problems,
    personal: [
      ...[ZEB, ZOE, GUS, PIA, OLGA, GRETA].flatMap(({ email, name }) => [
        email,
        kept(email),
        email.split('@')[0]!,
        name,
      ]),
      'bücher-kwark',
      'unknown.oddity',
      ...MESSAGE.split('\n'),
      ...REASONS,
      ADDRESS_OF_ORIGIN,
    ],
    secrets: [
      ...links,
      ...Object.values(SECRETS),
      ...[ZEB, ZOE, GUS, PIA, OLGA, GRETA].map(({ password }) => password),
      ...WRONG_PASSWORDS,
      ...[...sessions, ...groupSessions, patient.session, observerSession, server.admin.token!].flatMap((bearer) => [
        bearer,
        ...signatureOf(bearer),
      ]),
    ],
    macs: links.map((token) => Buffer.from(token, 'base64url').subarray(-16)),
  };
}

/**
 * Makes calls whose answers are kept: one is repeated, one refused, and one fails. Their keys contain personal data.
 */
async function repeatedCalls(
  server: TestServer,
  note: (call: Answer, status: number) => Promise<unknown>,
  path: string,
): Promise<void> {
  const keyed = (key: string) => new Api(server.url, server.admin.token, { ...BEHIND_PROXY, 'Idempotency-Key': key });
  const body = { emails: [ZEB.email, ZOE.email], role: 'contributor', message: MESSAGE };
  await note(keyed(ZEB.email).post(path, body), 201);
  await note(keyed(ZEB.email).post(path, body), 201);
  await note(keyed(ZEB.email).post(path, { ...body, message: undefined }), 422);
  await note(keyed(ZEB.name.slice(0, 7)).post(path, { ...body, emails: [] }), 400);
  const commandHandling = server.running.app.get(CommandHandling);
  failOnce(commandHandling, 'decideMany', 'before', { error: new Error(`${ZEB.email} ${MESSAGE}`) });
  await note(keyed(GUS.email).post(path, body), 500);
  restore(commandHandling);
}

/** One patient comes by a link, is offboarded, reactivated and leaves. Another is invited. */
async function patients(
  server: TestServer,
  admin: Api,
  anonymous: Api,
  deployment: Place,
  note: (call: Answer, status: number) => Promise<Record<string, unknown>>,
): Promise<{ link: string; session: string }> {
  const { url } = await note(
    admin.post(`${deployment.path}/patient-links`, { name: 'Poster', expiresIn: '7d', maxUses: 2 }),
    201,
  );
  const link = String(url).slice(String(url).lastIndexOf('/') + 1);
  await note(anonymous.post(`/v1/links/${link}/requests`, { email: PIA.email }), 202);
  await note(anonymous.post(`/v1/links/${link}/requests`, { email: `${PIA.email} no address` }), 400);
  await note(anonymous.get(`/join/${link}?email=${encodeURIComponent(PIA.email)}`), 200);
  const { token } = await server.smtp.mailTo(PIA.email);
  const { membershipId, token: session } = await note(
    anonymous.post(`/v1/invitations/${token}/accept`, { name: PIA.name, password: PIA.password }),
    200,
  );
  const path = `/v1/patients/${String(membershipId)}`;
  await note(admin.post(`${path}/offboard`, { reason: REASONS[3] }), 200);
  await note(server.signedIn(String(session)).get(deployment.path), 403);
  await note(admin.post(`${path}/reactivate`, { reason: REASONS[0] }), 200);
  await note(server.signedIn(String(session)).delete(path, { reason: REASONS[2] }), 204);
  await note(admin.post(`${deployment.path}/patient-invitations`, { emails: [GUS.email], message: MESSAGE }), 201);
  return { link, session: String(session) };
}

/** An observer who sees the deployment and nobody in it, leaves, and comes back. */
async function observers(
  server: TestServer,
  admin: Api,
  anonymous: Api,
  deployment: Place,
  note: (call: Answer, status: number) => Promise<Record<string, unknown>>,
): Promise<string> {
  const invited = async (mails: number): Promise<string> => {
    await note(admin.post(`${deployment.path}/observer-invitations`, { emails: [OLGA.email], message: MESSAGE }), 201);
    return `/v1/invitations/${(await server.smtp.mailTo(OLGA.email, mails)).token}/accept`;
  };
  const { membershipId, token } = await note(
    anonymous.post(await invited(1), { name: OLGA.name, password: OLGA.password }),
    200,
  );
  const own = server.signedIn(String(token));
  await note(own.get(deployment.path), 200);
  await note(own.get(`${deployment.path}/patients`), 403);
  await note(own.delete(`/v1/observers/${String(membershipId)}`, { reason: REASONS[2] }), 204);
  // The session ended with the last place.
  await note(own.get(deployment.path), 401);
  const again = await server.signIn(OLGA.email, OLGA.password);
  await note(again.post(await invited(2), {}), 200);
  return again.token!;
}

/** Makes calls with altered links, malformed bodies, and addresses in the wrong fields. */
async function badCalls(
  server: TestServer,
  anonymous: Api,
  note: (call: Answer, status: number) => Promise<unknown>,
  [link, superseded]: [string, string],
): Promise<void> {
  const bent = `${link.slice(0, -2)}${link.endsWith('AA') ? 'BB' : 'AA'}`;
  await note(anonymous.get(`/v1/invitations/${bent}`), 404);
  await note(anonymous.get(`/v1/invitations/${link}?name=${encodeURIComponent(ZEB.name)}`), 200);
  await note(anonymous.get(`/v1/invitations/${superseded}`), 410);
  await note(anonymous.get(`/v1/invitations/${link}/${ZEB.email}`), 404);
  await note(
    anonymous.post(`/v1/invitations/${link}/accept`, { name: ZEB.name, password: 'short', nonsense: ZEB.email }),
    400,
  );
  await note(anonymous.get(`/invitations/${link}`), 200);
  await note(anonymous.post(`/invitations/${link}/accept`, { name: ZEB.name, password: 'short' }), 400);
  await note(anonymous.get(`/invitations/${bent}`), 404);
  const raw = request(server.url).post(`/v1/invitations/${link}/accept`).set('Content-Type', 'application/json');
  await note(raw.send(`{"name": "${ZEB.name}", "password": "${ZEB.password}`), 400);
  await note(
    request(server.url)
      .post('/v1/auth/sign-in/email')
      .set('Content-Type', 'text/plain')
      .send(`${ZEB.email} ${ZEB.password}`),
    415,
  );
  await note(request(server.url).get('/v1/me').set('Authorization', `Bearer ${link}`), 401);
}

/** Makes unexpected errors, with personal data and secrets in their texts. */
async function internalErrors(
  server: TestServer,
  admin: Api,
  note: (call: Answer, status: number) => Promise<unknown>,
  path: string,
): Promise<void> {
  const db = server.database.kysely();
  // The read models catch up first, because a projection that misses its table would be paused.
  await readModelsCaughtUp(server);
  await sql`alter table person_directory rename to person_directory_away`.execute(db);
  try {
    await note(admin.get(`${path}?q=${encodeURIComponent(ZEB.email)}`), 500);
  } finally {
    await sql`alter table person_directory_away rename to person_directory`.execute(db);
  }
  const email = 'ines.calamity@example.test';
  await note(admin.post(path, { emails: [email], role: 'contributor' }), 201);
  const { token } = await server.smtp.mailTo(email);
  const accounts = server.running.app.get(Accounts);
  const cause = Object.assign(new Error(`key (${ZEB.email}) is there`), {
    detail: ZEB.name,
    parameters: [ZEB.password],
  });
  failOnce(accounts, 'begin', 'before', {
    error: Object.assign(new Error(`insert of ${ZEB.name} ${ZEB.password} for ${token} failed`, { cause }), {
      detail: MESSAGE,
    }),
  });
  await note(server.anonymous.post(`/v1/invitations/${token}/accept`, { name: ZEB.name, password: ZEB.password }), 500);
  restore(accounts);
}

function signatureOf(bearer: string): string[] {
  const signature = decodeURIComponent(bearer).split('.')[1];
  return signature ? [signature] : [];
}

/** The address as the product keeps it. */
function kept(email: string): string {
  const [local, domain] = email.toLowerCase().split('@') as [string, string];
  return `${local}@${domainToASCII(domain)}`;
}

/** The address as the mail server shows it. */
function mailed(email: string): string {
  return email.toLowerCase();
}

async function defineRole(server: TestServer, place: Place, name: string): Promise<string> {
  const { body } = await server.admin.post(`${place.path}/roles`, { name, permissions: ['patients.view'] }).expect(201);
  return (body as { id: string }).id;
}
