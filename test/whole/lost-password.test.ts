import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { describeOnOneEngine, type ProcessPlace } from '../support/engines.js';
import { ProductBuild, ProductProcess } from '../support/product-process.js';
import { ADMIN, SECRETS } from '../support/test-server.js';

describeOnOneEngine('npm run admin -- staff reset', (engine) => {
  let build: ProductBuild;
  let place: ProcessPlace;
  beforeAll(async () => {
    [build, place] = await Promise.all([ProductBuild.make(), engine.placeForProcess()]);
  }, 120_000);
  afterAll(async () => {
    await place.close();
  });

  const settings = () => ({ ...SECRETS, ...place.settings });
  const start = async () =>
    ProductProcess.start(build, { ...settings(), ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password });
  const signIn = async ({ url }: ProductProcess, password: string): Promise<{ status: number; token?: string }> => {
    const answer = await fetch(`${url}/v1/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: ADMIN.email, password }),
    });
    return { status: answer.status, ...((await answer.json()) as { token?: string }) };
  };
  const admin = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((ended) => {
      execFile(
        process.execPath,
        [join(dirname(build.main), 'cli/admin.js'), ...args],
        { env: settings() },
        (error, stdout, stderr) => {
          ended({ code: error ? Number(error.code) : 0, stdout, stderr });
        },
      );
    });

  it('gives the only super-admin a new password, and ends the old one and every session', async () => {
    const before = await start();
    const { token } = await signIn(before, ADMIN.password);
    await before.stop();
    const { code, stdout, stderr } = await admin('staff', 'reset');
    expect([code, stderr]).toEqual([0, '']);
    const password = /^ {2}(\S{20})$/m.exec(stdout)?.[1];
    expect(stdout).toContain(ADMIN.email);
    const after = await start();
    expect((await signIn(after, ADMIN.password)).status).toBe(401);
    expect((await signIn(after, password!)).status).toBe(200);
    const me = await fetch(`${after.url}/v1/me`, { headers: { authorization: `Bearer ${token!}` } });
    expect(me.status).toBe(401);
    await after.stop();
  }, 120_000);

  it('reports an address that no super-admin has, and a wrong call', async () => {
    expect(await admin('staff', 'reset', 'somebody@example.test')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'No super-admin has this address.\n',
    });
    for (const args of [[], ['staff'], ['staff', 'reset', 'a@example.test', 'more'], ['patients', 'reset']])
      expect(await admin(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Usage:') });
  }, 120_000);
});
