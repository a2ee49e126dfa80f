import request from 'supertest';
import { waitFor } from '../../../support/wait-for.js';
import type { ReceivedMail } from '../../../support/smtp.js';
import { PASSWORD, type Api, type TestServer } from '../../../support/test-server.js';
import { freshEmail, readModelsCaughtUp, idle } from '../../../support/scenarios.js';
import { limitsOn, type Invites } from '../limits/limits-support.js';

/** The path of the unsubscribe link in the mail's header. */
export function pathIn(mail: ReceivedMail, server: TestServer): string {
  const [, url] = /^<(.+)>$/.exec(mail.headers.get('list-unsubscribe') ?? '') ?? [];
  expect(url?.startsWith(`${server.url}/unsubscribe/`)).toBe(true);
  expect(mail.headers.get('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
  return url!.slice(server.url.length);
}

/** An invitation whose mail has arrived. `path` is the path of its unsubscribe link. */
export interface Invited {
  to: Invites;
  email: string;
  id: string;
  mail: ReceivedMail;
  path: string;
}

/** The steps that the suites of subscriptions share. @param serverOf returns the server of the present test */
export function subscriptionsOn(serverOf: () => TestServer) {
  const { inviting } = limitsOn(serverOf);
  const everything = async (): Promise<number> => (await serverOf().events()).length;
  const types = async (since: number): Promise<string[]> =>
    (await serverOf().events()).slice(since).map(({ type }) => type);
  const mailsTo = (email: string): number => serverOf().smtp.to(email).length;
  const oneClick = (path: string) => request(serverOf().url).post(path).type('form').send('List-Unsubscribe=One-Click');

  async function invited(to: Invites, email = freshEmail('reader'), more: object = {}): Promise<Invited> {
    const before = mailsTo(email);
    const { body } = await inviting(to, [email], more).expect(201);
    const mail = await serverOf().smtp.mailTo(email, before + 1);
    return { to, email, id: String(body.results[0].invitationId), mail, path: pathIn(mail, serverOf()) };
  }
  /** Invites an unsubscribed person, who gets no mail, and resolves with the invitation's id. */
  async function withheld(to: Invites, email: string): Promise<string> {
    const before = mailsTo(email);
    const { body } = await inviting(to, [email]).expect(201);
    expect(body.summary.invited).toBe(1);
    await idle(serverOf());
    expect(mailsTo(email)).toBe(before);
    return String(body.results[0].invitationId);
  }
  async function mailState(to: Invites, id: string): Promise<string> {
    await readModelsCaughtUp(serverOf());
    const { body: one } = await serverOf().admin.get(`${to.one}/${id}`).expect(200);
    const { body: list } = await serverOf().admin.get(to.path).expect(200);
    const listed = list.items.find((item: { id: string }) => item.id === id);
    expect(listed.mail).toEqual(one.mail);
    return one.mail.state;
  }
  const unsubscriptions = async (api: Api): Promise<{ id: string; organisation: { id: string } }[]> =>
    (await api.get('/v1/me/unsubscriptions').expect(200)).body.items;
  async function accepted({ email, mail }: Invited): Promise<Api> {
    const { body } = await serverOf()
      .anonymous.post(`/v1/invitations/${mail.token}/accept`, { name: 'Reader', password: PASSWORD })
      .expect(200);
    expect(email).toBeTruthy();
    return serverOf().signedIn(body.token);
  }
  async function waitUntilResubscribed(since: number): Promise<void> {
    await waitFor('the end of an unsubscription', async () => (await types(since)).includes('MailResubscribed'));
    await readModelsCaughtUp(serverOf());
  }
  return {
    everything,
    types,
    mailsTo,
    oneClick,
    invited,
    withheld,
    mailState,
    unsubscriptions,
    accepted,
    waitUntilResubscribed,
  };
}
