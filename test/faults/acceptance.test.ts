import { sql } from 'kysely';
import { OwnerGuard } from '../../src/modules/access/owner-guard/owner-guard.js';
import { Accounts } from '../../src/modules/accounts/accounts.js';
import { Sessions } from '../../src/modules/accounts/sessions.js';
import { CommandHandling } from '../../src/shared/event-sourcing/command-handling.js';
import { EventStore, EventStoreUnavailable } from '../../src/shared/event-sourcing/event-store.js';
import { currentContext } from '../../src/shared/request-context/request-context.js';
import { describeOnEngines } from '../support/engines.js';
import { beforeOnce, failOnce, restore } from '../support/injected-failure.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { createOrganisation, freshEmail, invite, readModelsCaughtUp, type Place } from '../support/scenarios.js';

const FIRST = 'the first password they chose';
const SECOND = 'another password they chose';

/** The state after the failure: a member who can sign in, or no account and a link that works. */
type Ends = 'member' | 'link';

interface Parts {
  accounts: Accounts;
  sessions: Sessions;
  commandHandling: CommandHandling;
  store: EventStore;
  ownerGuard: OwnerGuard;
}

const STEPS: readonly [step: string, ends: Ends, inject: (parts: Parts) => () => boolean][] = [
  ['hashing the password', 'link', ({ accounts }) => failOnce(accounts, 'hashPassword', 'before')],
  ['making the account', 'link', ({ accounts }) => failOnce(accounts, 'begin', 'before')],
  ['a step after making the account', 'link', ({ accounts }) => failOnce(accounts, 'begin', 'after')],
  ['deciding', 'link', ({ commandHandling }) => failOnce(commandHandling, 'decide', 'before', { when: onMembership })],
  [
    'reading the stream',
    'link',
    ({ store }) => failOnce(store, 'readMany', 'before', { error: new EventStoreUnavailable(), when: afterBegin }),
  ],
  [
    'an append that is not stored',
    'link',
    ({ store }) => failOnce(store, 'appendMany', 'before', { error: new EventStoreUnavailable(), when: toMembership }),
  ],
  [
    'an append that is stored without an answer',
    'member',
    ({ store }) => failOnce(store, 'appendMany', 'after', { error: new EventStoreUnavailable(), when: toMembership }),
  ],
  [
    'a step after the append',
    'member',
    ({ commandHandling }) => failOnce(commandHandling, 'decide', 'after', { when: onMembership }),
  ],
  [
    'registering the owner',
    'member',
    ({ ownerGuard }) => failOnce(ownerGuard, 'register', 'before', { when: inAcceptance }),
  ],
  [
    'a step after registering the owner',
    'member',
    ({ ownerGuard }) => failOnce(ownerGuard, 'register', 'after', { when: inAcceptance }),
  ],
  ['confirming the account', 'member', ({ accounts }) => failOnce(accounts, 'confirm', 'before')],
  ['a step after confirming the account', 'member', ({ accounts }) => failOnce(accounts, 'confirm', 'after')],
  ['opening the session', 'member', ({ sessions }) => failOnce(sessions, 'openFor', 'before')],
];

/**
 * Whether the decision is about the membership. After an earlier acceptance the process manager decides about
 * ownership.
 */
function onMembership(decision: unknown): boolean {
  return (decision as { stream: string }).stream.startsWith('staff-');
}

function toMembership(appends: unknown): boolean {
  return (appends as { stream: string }[]).some(onMembership);
}

/**
 * Whether the acceptance has stored something. The process manager of an earlier acceptance stores this append first.
 */
function inAcceptance(): boolean {
  return currentContext()?.position !== undefined;
}

/**
 * How often each command has read the organisation. An acceptance reads it again after it began the account. Process
 * managers read it once.
 */
const looks = new Map<string, number>();
function afterBegin(streams: unknown): boolean {
  const command = currentContext()?.commandId;
  if (command === undefined || !String(streams).startsWith('organisation-')) return false;
  looks.set(command, (looks.get(command) ?? 0) + 1);
  return looks.get(command) === 2;
}

describeOnEngines('an acceptance that fails', (engine) => {
  let server: TestServer;
  let parts: Parts;
  let organisation: Place;

  beforeAll(async () => {
    server = await startTestServer(engine);
    const { app } = server.running;
    parts = {
      accounts: app.get(Accounts),
      sessions: app.get(Sessions),
      commandHandling: app.get(CommandHandling),
      store: app.get(EventStore),
      ownerGuard: app.get(OwnerGuard),
    };
    organisation = await createOrganisation(server);
  });
  afterEach(() => {
    restore(...(Object.values(parts) as object[]));
  });
  afterAll(async () => {
    await server.close();
  });

  const accept = (token: string, name: string, password: string) =>
    server.anonymous.post(`/v1/invitations/${token}/accept`, { name, password });
  const signIn = async (email: string, password: string): Promise<boolean> =>
    (await server.anonymous.post('/v1/auth/sign-in/email', { email, password })).status === 200;
  const accountsNamed = async (name: string): Promise<number> =>
    (await sql`select id from account_user where name = ${name}`.execute(server.database.kysely())).rows.length;
  const provisionalAccounts = async (): Promise<number> =>
    (await sql`select id from provisional_account`.execute(server.database.kysely())).rows.length;

  /** Checks that the person is a member and can sign in with this password. */
  async function mustBeMember(email: string, password: string): Promise<void> {
    const { body } = await (await server.signIn(email, password)).get('/v1/me').expect(200);
    expect((body as { email: string }).email).toBe(email);
    const { body: staff } = await server.admin
      .get(`${organisation.path}/staff?q=${encodeURIComponent(email)}`)
      .expect(200);
    expect((staff as { items: object[] }).items).toHaveLength(1);
  }

  async function mustHaveWorkingLink(token: string, name: string, email: string): Promise<void> {
    expect(await signIn(email, FIRST)).toBe(false);
    const { body } = await server.anonymous.get(`/v1/invitations/${token}`).expect(200);
    expect((body as { account: string }).account).toBe('none');
    const { headers } = await accept(token, `${name} again`, SECOND).expect(200);
    await server.admin.after(headers['event-position']!, organisation.path).expect(200);
    await mustBeMember(email, SECOND);
    expect([await accountsNamed(name), await accountsNamed(`${name} again`)]).toEqual([0, 1]);
  }

  async function mustBeDone(token: string, name: string, email: string): Promise<void> {
    const { body } = await server.anonymous.get(`/v1/invitations/${token}`).expect(410);
    expect((body as { code: string }).code).toBe('invitation-accepted');
    await server.smtp.mailTo(email);
    await caughtUp();
    await mustBeMember(email, FIRST);
    expect(await accountsNamed(name)).toBe(1);
  }

  async function caughtUp(): Promise<void> {
    await readModelsCaughtUp(server);
  }

  it.each(STEPS)('at %s leaves a %s', async (step, ends, inject) => {
    const email = freshEmail('invitee');
    const name = `Name for ${step}`;
    const { token } = await invite(server, server.admin, organisation, email, 'organisation-owner');
    const failed = inject(parts);
    const { status } = await accept(token, name, FIRST);
    expect([failed(), status >= 500]).toEqual([true, true]);
    restore(...(Object.values(parts) as object[]));
    await (ends === 'member' ? mustBeDone : mustHaveWorkingLink)(token, name, email);
    await parts.accounts.sweep(true);
    expect(await provisionalAccounts()).toBe(0);
    await mustBeMember(email, ends === 'member' ? FIRST : SECOND);
  });

  it.each(STEPS)(
    'at %s and cleans nothing up is repaired by the sweep, which leaves a %s',
    async (step, ends, inject) => {
      const email = freshEmail('invitee');
      const name = `Name after a crash at ${step}`;
      const { token } = await invite(server, server.admin, organisation, email, 'organisation-owner');
      const failed = inject(parts);
      failOnce(parts.accounts, 'withdraw', 'before');
      await accept(token, name, FIRST);
      expect(failed()).toBe(true);
      restore(...(Object.values(parts) as object[]));
      await parts.accounts.sweep(true);
      expect([await provisionalAccounts(), await accountsNamed(name)]).toEqual([0, ends === 'member' ? 1 : 0]);
      await (ends === 'member' ? mustBeDone : mustHaveWorkingLink)(token, name, email);
    },
  );

  it('leaves no account when the invitation is revoked between the decision and the append', async () => {
    const email = freshEmail('invitee');
    const { id, token } = await invite(server, server.admin, organisation, email, 'contributor');
    const isAcceptance = (appends: unknown): boolean =>
      (appends as { events: { type: string }[] }[])[0]?.events[0]?.type === 'InvitationAccepted';
    beforeOnce(
      parts.store,
      'appendMany',
      async () => server.admin.delete(`/v1/staff-invitations/${id}`).expect(204),
      isAcceptance,
    );
    const { body } = await accept(token, 'Revoked in between', FIRST).expect(410);
    expect((body as { code: string }).code).toBe('invitation-revoked');
    expect(await signIn(email, FIRST)).toBe(false);
    expect([await accountsNamed('Revoked in between'), await provisionalAccounts()]).toEqual([0, 0]);
  });

  it('keeps the account when its outcome was unknown and it is stored late', async () => {
    const email = freshEmail('invitee');
    const { token } = await invite(server, server.admin, organisation, email, 'contributor');
    const { promise: late, resolve: goAhead } = Promise.withResolvers<undefined>();
    const stored = lateAppend(parts.store, late);
    await accept(token, 'Stored late', FIRST).expect(503);
    goAhead(undefined);
    await stored;
    await mustBeDone(token, 'Stored late', email);
    await parts.accounts.sweep(true);
    await mustBeMember(email, FIRST);
  });
});

/** Answers the next append with an error, and stores it after `when`. Resolves when it is stored. */
async function lateAppend(store: EventStore, when: Promise<unknown>): Promise<void> {
  const appends = await new Promise<Parameters<EventStore['appendMany']>[0]>((resolve) => {
    const unanswered = async (some: Parameters<EventStore['appendMany']>[0]): Promise<never> => {
      restoreAppend();
      resolve(some);
      return Promise.reject(new EventStoreUnavailable());
    };
    const restoreAppend = (): void => void Reflect.deleteProperty(store, 'appendMany');
    Object.defineProperty(store, 'appendMany', { value: unanswered, configurable: true });
  });
  await when;
  await store.appendMany(appends);
}
