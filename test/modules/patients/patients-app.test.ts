import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  invitePatient,
  makePatientLink,
  type Place,
} from '../../support/scenarios.js';
import { Visitor } from '../portal/portal-support.js';

const FINGERPRINTS = [`${'AB:'.repeat(31)}AB`, `${'0F:'.repeat(31)}0F`];
const APPLE_FILE = '/.well-known/apple-app-site-association';
const ANDROID_FILE = '/.well-known/assetlinks.json';

describeOnOneEngine("the patients' app", (engine) => {
  let server: TestServer;
  let deployment: Place;
  beforeAll(async () => {
    server = await startTestServer(engine, {
      APP_LINK: 'rolecall-app://open?{url}',
      PLAY_STORE_URL: 'https://play.example/app',
      APPLE_APP_IDS: 'ABCDE12345.org.example.app, ABCDE12345.org.example.test-app',
      ANDROID_APPS: FINGERPRINTS.map((fingerprint) => `org.example.app/${fingerprint}`).join(','),
    });
    deployment = await createDeployment(server, await createOrganisation(server));
  });
  afterAll(async () => server.close());

  it('is named to phones in the format that each asks for, without a redirect', async () => {
    const apple = await server.anonymous
      .get(APPLE_FILE)
      .expect(200)
      .expect('Content-Type', /^application\/json/);
    expect(apple.body).toEqual({
      applinks: {
        details: [
          {
            appIDs: ['ABCDE12345.org.example.app', 'ABCDE12345.org.example.test-app'],
            components: [{ '/': '/invitations/*' }, { '/': '/join/*' }],
          },
        ],
      },
    });
    const android = await server.anonymous
      .get(ANDROID_FILE)
      .expect(200)
      .expect('Content-Type', /^application\/json/);
    expect(android.body).toEqual([
      {
        relation: ['delegate_permission/common.handle_all_urls'],
        target: {
          namespace: 'android_app',
          package_name: 'org.example.app',
          sha256_cert_fingerprints: FINGERPRINTS,
        },
      },
    ]);
  });

  it('is offered first at a link, and the page goes on without it', async () => {
    const link = await makePatientLink(server.admin, deployment);
    const { token } = await invitePatient(server, server.admin, deployment, freshEmail('patient'));
    for (const [path, form] of [
      [`/join/${link.token}`, `action="/join/${link.token}"`],
      [`/invitations/${token}`, `action="/invitations/${token}/accept"`],
    ] as const) {
      const { text } = await new Visitor(server.url).get(path);
      const app = text.indexOf(`href="rolecall-app://open?${encodeURIComponent(`${server.url}${path}`)}"`);
      expect([path, app > 0, text.indexOf(form) > app]).toEqual([path, true, true]);
      expect(text).toContain('href="https://play.example/app"');
    }
  });

  it('is not offered to staff', async () => {
    const email = freshEmail();
    await server.admin
      .post(`${deployment.path}/staff-invitations`, { emails: [email], role: 'contributor' })
      .expect(201);
    const { token } = await server.smtp.mailTo(email);
    expect((await new Visitor(server.url).get(`/invitations/${token}`)).text).not.toContain('rolecall-app:');
  });
});

describeOnOneEngine('an installation without an app', (engine) => {
  it('has no file for phones', async () => {
    const server = await startTestServer(engine);
    for (const file of [APPLE_FILE, ANDROID_FILE]) await server.anonymous.get(file).expect(404);
    await server.close();
  });
});
