import { describeOnOneEngine } from '../../support/engines.js';
import { PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import { createDeployment, createGroup, createOrganisation, freshEmail, invite } from '../../support/scenarios.js';

describeOnOneEngine('profiles of organisations and deployments', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(async () => {
    await server.close();
  });

  it('keep each target that a call leaves out', async () => {
    const organisation = await createOrganisation(server);
    for (const { path } of [organisation, await createDeployment(server, organisation)]) {
      const targets = async (change: object) =>
        (await server.admin.patch(path, { targets: change }).expect(200)).body.targets;
      expect([
        await targets({ patients: 5 }),
        await targets({ staff: 6 }),
        await targets({}),
        await targets({ patients: null }),
      ]).toEqual([
        { patients: 5, staff: null },
        { patients: 5, staff: 6 },
        { patients: 5, staff: 6 },
        { patients: null, staff: 6 },
      ]);
    }
  });

  it('are accepted in the form of an answer', async () => {
    const { path } = await createDeployment(server, await createOrganisation(server));
    const { body } = await server.admin.get(path).expect(200);
    const { id: _, organisationId: __, archived: ___, patients: ____, staff: _____, ...profile } = body;
    expect((await server.admin.patch(path, profile).expect(200)).body).toMatchObject(profile);
  });

  it('refuse an edit of what was changed after the caller read it, and change nothing', async () => {
    const organisation = await createOrganisation(server);
    for (const { path } of [organisation, await createDeployment(server, organisation)]) {
      const { body: read } = await server.admin.get(path).expect(200);
      const { body: first } = await server.admin
        .patch(path, { name: 'First', version: read.version as number })
        .expect(200);
      expect([read.version, first.version]).toEqual([1, 2]);
      const late = await server.admin.patch(path, { name: 'Second', version: read.version as number }).expect(409);
      expect(late.body.code).toBe('scope-changed');
      expect((await server.admin.get(path).expect(200)).body).toMatchObject({ name: 'First', version: 2 });
      // Nothing differs, so the version stays.
      expect((await server.admin.patch(path, { name: 'First', version: 2 }).expect(200)).body.version).toBe(2);
      await server.admin.post(`${path}/archive`).expect(200);
      await server.admin.post(`${path}/restore`).expect(200);
      expect((await server.admin.patch(path, { name: 'Third', version: 2 }).expect(409)).body.code).toBe(
        'scope-changed',
      );
      expect((await server.admin.patch(path, { name: 'Third' }).expect(200)).body.version).toBe(5);
      for (const version of [0, -1, 1.5, 'x', null]) await server.admin.patch(path, { version }).expect(400);
    }
  });

  it('take one of two edits of the same version at the same moment', async () => {
    const { path } = await createOrganisation(server);
    for (let version = 1; version <= 20; version += 1) {
      const edits = ['one', 'other'].map(async (name) =>
        server.admin.patch(path, { name: `${name} ${String(version)}`, version }),
      );
      expect((await Promise.all(edits)).map(({ status }) => status).sort()).toEqual([200, 409]);
    }
  });

  it('say that an archived organisation archives its deployments', async () => {
    const organisation = await createOrganisation(server);
    const [open, shut] = [
      await createDeployment(server, organisation, 'Open'),
      await createDeployment(server, organisation, 'Shut'),
    ];
    await server.admin.post(`${shut.path}/archive`).expect(200);
    const archived = async () => {
      const { body } = await server.admin.get(`${organisation.path}/deployments`).expect(200);
      const each = await Promise.all(
        [open, shut].map(async ({ path }) => (await server.admin.get(path).expect(200)).body.archived),
      );
      expect(body.items.map((item: { archived: boolean }) => item.archived)).toEqual(each);
      return each;
    };
    const { headers } = await server.admin.post(`${organisation.path}/archive`).expect(200);
    await server.admin.after(headers['event-position']!, '/v1/me').expect(200);
    expect(await archived()).toEqual([true, true]);
    await server.admin.post(`${organisation.path}/restore`).expect(200);
    expect(await archived()).toEqual([false, true]);
  });

  it('and other names cannot reverse the reading direction or run code', async () => {
    const organisation = await createOrganisation(server);
    const group = await createGroup(server, organisation);
    for (const [path, body, field] of [
      ['/v1/organisations', { name: 'Evil\u202Eeman' }, 'name'],
      [`${group.path}/files`, { name: '\u202Egpj.exe', url: 'x' }, 'name'],
      [`${group.path}/files`, { name: 'x', url: 'javascript:alert(1)' }, 'url'],
      [`${group.path}/files`, { name: 'x', url: ' DATA:text/html,x' }, 'url'],
    ] as const) {
      const { body: problem } = await server.admin.post(path, body).expect(400);
      expect(problem.errors.map((error: { field: string }) => error.field)).toEqual([field]);
    }
    const deployment = await createDeployment(server, organisation);
    const { body: lines } = await server.admin
      .patch(deployment.path, { offboardingReasons: ['Moved', ' '] })
      .expect(400);
    expect(lines.errors).toEqual([{ field: 'offboardingReasons', message: 'each item must be one line of text' }]);
    expect((await server.admin.post('/v1/organisations', { name: '  Ko\u0308ln ' }).expect(201)).body.name).toBe(
      'K\u00f6ln',
    );
    const { body: problem } = await server.admin
      .post(`${organisation.path}/staff-invitations`, { emails: [null], role: 'contributor' })
      .expect(400);
    expect(problem.errors).toEqual([{ field: 'emails', message: 'each item must be text' }]);
  });

  it('and all other things need a visible name without a link', async () => {
    const organisation = await createOrganisation(server);
    const [deployment, group] = [await createDeployment(server, organisation), await createGroup(server, organisation)];
    const { token } = await invite(server, server.admin, organisation, freshEmail(), 'contributor');
    const { id: role } = (
      await server.admin
        .post(`${organisation.path}/roles`, { name: 'Night nurse', permissions: ['patients.view'] })
        .expect(201)
    ).body;
    const { id: file } = (
      await server.admin.post(`${group.path}/files`, { name: 'Minutes', url: 'minutes' }).expect(201)
    ).body;
    const taking: ['post' | 'patch', string, object][] = [
      ['post', '/v1/organisations', {}],
      ['patch', organisation.path, {}],
      ['post', `${organisation.path}/deployments`, {}],
      ['patch', deployment.path, {}],
      ['post', `${organisation.path}/groups`, {}],
      ['patch', group.path, {}],
      ['post', `${group.path}/files`, { url: 'x' }],
      ['patch', `/v1/group-files/${file}`, {}],
      ['post', `${organisation.path}/roles`, { permissions: ['patients.view'] }],
      ['patch', `/v1/roles/${role}`, {}],
      ['post', `${deployment.path}/patient-links`, { expiresIn: '7d' }],
      ['post', `/v1/invitations/${token}/accept`, { password: PASSWORD }],
    ];
    for (const [method, path, rest] of taking) {
      const errorsOf = async (name: string) =>
        (await (path.endsWith('accept') ? server.anonymous : server.admin)[method](path, { ...rest, name }).expect(400))
          .body.errors;
      for (const name of ['\u200b', '\u3164', '\u2800\u2800', '\u2060\u00ad'])
        expect([path, await errorsOf(name)]).toEqual([
          path,
          [{ field: 'name', message: 'must have a visible character' }],
        ]);
      for (const name of ['Win at https://evil.example', 'WWW.evil.example', 'ww\u200bw.evil.example'])
        expect([path, await errorsOf(name)]).toEqual([
          path,
          [{ field: 'name', message: 'must not contain :// or www.' }],
        ]);
    }
    // A name keeps the joiners that its script needs.
    expect((await server.admin.patch(group.path, { name: 'نامه\u200cای' }).expect(200)).body.name).toBe('نامه\u200cای');
  });

  it('link only to https addresses without user names', async () => {
    const organisation = await createOrganisation(server);
    const [deployment, group] = [await createDeployment(server, organisation), await createGroup(server, organisation)];
    for (const [path, fields] of [
      [organisation.path, ['privacyPolicyUrl', 'termsUrl']],
      [deployment.path, ['privacyPolicyUrl', 'termsUrl', 'appStoreUrl', 'playStoreUrl']],
    ] as const) {
      for (const field of fields) {
        for (const url of [
          'http://example.org',
          'https://user@example.org',
          'https://good.example\\@evil.example',
          'ftp://example.org',
          'example.org',
          'javascript:alert(1)',
        ]) {
          expect((await server.admin.patch(path, { [field]: url }).expect(400)).body.errors).toMatchObject([{ field }]);
        }
        expect((await server.admin.patch(path, { [field]: 'https://example.org/x' }).expect(200)).body[field]).toBe(
          'https://example.org/x',
        );
      }
    }
    for (const url of [
      'ftp://example.org',
      's3://bucket/x',
      'file:///etc/passwd',
      '//evil.example/x',
      '\\\\evil.example',
      'blob:x',
      'https://user:secret@example.org',
    ]) {
      expect(
        (await server.admin.post(`${group.path}/files`, { name: 'x', url }).expect(400)).body.errors,
      ).toMatchObject([{ field: 'url' }]);
    }
    for (const url of ['http://example.org/x', 'https://example.org/x', 'minutes/2026/03.pdf'])
      await server.admin.post(`${group.path}/files`, { name: 'x', url }).expect(201);
  });
});
