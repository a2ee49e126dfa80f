import { sql } from 'kysely';
import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import { createDeployment, createOrganisation, makePatientLink, idle } from '../../support/scenarios.js';

const VICTIM = 'victim@ex.example';
/** An older version took each for another person, and its mail went to the victim. */
const SPELLINGS = [
  'x\u3000victim@ex.example',
  'x\u00a0victim@ex.example',
  'x\u2003victim@ex.example',
  'a b victim@ex.example',
  '"victim"@ex.example',
  '"vic\\tim"@ex.example',
  "'x' victim@ex.example",
  'vic\u200btim@ex.example',
  'victim\u0000@ex.example',
  'victim@ex\u00ad.example',
  'victim@e\u200bx.example',
  'x\u3000<victim@ex.example',
  'victim@ex.example,',
  'victim@ex.example (x)',
  ':victim@ex.example',
  'x:victim@ex.example;',
  '\\victim@ex.example',
  'victim@ex.example\u2028y',
  '()victim@ex.example',
  'a@b.example <victim@ex.example>',
];
/** These are the victim's address after normalisation. */
const SAME = [
  'Victim@EX.example',
  '\u201evictim@ex.example\u201c',
  'Vic <victim@ex.example>',
  'Vic (victim@ex.example)',
];

describeOnOneEngine('a patient link', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(async () => {
    await server.close();
  });

  it('mails a person once for many requests in all spellings of their address', async () => {
    const deployment = await createDeployment(server, await createOrganisation(server));
    const { token } = await makePatientLink(server.admin, deployment);
    const known = async (): Promise<number> =>
      Number((await sql<{ n: string }>`select count(*) as n from person`.execute(server.database.kysely())).rows[0]!.n);
    const before = await known();
    const ask = async (email: string): Promise<number> =>
      (await server.anonymous.post(`/v1/links/${token}/requests`, { email })).status;
    expect(await Promise.all(SPELLINGS.map(ask))).toEqual(SPELLINGS.map(() => 400));
    for (const spelling of SAME) expect(await ask(spelling)).toBe(202);
    await idle(server);
    expect(server.smtp.rcptTo.filter((to) => to.includes('victim'))).toEqual([VICTIM]);
    expect(await known()).toBe(before + 1);
  });
});
