import { connect, type Socket } from 'node:net';
import { PositionTokens } from '../../src/shared/http/positions/event-position.js';
import { describeOnPglite } from '../support/engines.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';
import { createOrganisation, freshEmail, type Place } from '../support/scenarios.js';

/** The limits differ enough to tell them from each other. */
const TIMEOUTS = { headersMs: 3000, bodyMs: 2500, largeBodyMs: 4500, fileMs: 8000, checkEveryMs: 100 };
const DRIP_MS = 50;

describeOnPglite('a client that sends slowly', (engine) => {
  let server: TestServer;
  let organisation: Place;
  beforeAll(async () => {
    server = await startTestServer(engine, {}, { requestTimeouts: TIMEOUTS });
    organisation = await createOrganisation(server);
  });
  afterAll(async () => {
    await server.close();
  });

  function open(): Socket {
    const { hostname, port } = new URL(server.url);
    return connect(Number(port), hostname)
      .setEncoding('utf8')
      .on('error', () => undefined);
  }

  /** Sends one piece after the other. @returns the ms until the server closed the connection */
  async function closedAfter(begin: string, drop: string): Promise<number> {
    const socket = open();
    const started = performance.now();
    socket.write(begin);
    const dripping = setInterval(() => {
      if (socket.writable) socket.write(drop);
    }, DRIP_MS);
    // The connection closes after an error too.
    await new Promise((resolve) => {
      socket.once('close', resolve);
    });
    clearInterval(dripping);
    return performance.now() - started;
  }

  const head = (line: string, type: string, length: number): string =>
    `${line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.admin.token!}\r\nContent-Type: ${type}\r\nContent-Length: ${String(length)}\r\n\r\n`;
  const json = (path: string): string => `${head(`POST ${path}`, 'application/json', 60_000)}{"name":"`;

  it('is cut off at its time limit, whatever it sends', async () => {
    const importForm = '--form\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';
    const chunked =
      'POST /v1/auth/sign-in/email HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const slow: [name: string, begin: string, piece: string, limitMs: number][] = [
      ['headers', 'GET /v1/me HTTP/1.1\r\nHost: x\r\nX-A: ', 'a', TIMEOUTS.headersMs],
      ['a body', json('/v1/organisations'), 'a', TIMEOUTS.bodyMs],
      ['a body without a declared length', chunked, '1\r\n{\r\n', TIMEOUTS.bodyMs],
      ['a body that no route reads', head('GET /v1/me', 'application/json', 60_000), 'a', TIMEOUTS.bodyMs],
      [
        'a form of a page',
        `${head('POST /sign-in', 'application/x-www-form-urlencoded', 60_000)}email=`,
        'a',
        TIMEOUTS.bodyMs,
      ],
      ['a large body', json(`${organisation.path}/staff-invitations`), 'a', TIMEOUTS.largeBodyMs],
      [
        'a file',
        head(`POST ${organisation.path}/staff-invitations/import`, 'multipart/form-data; boundary=form', 60_000) +
          importForm,
        'a',
        TIMEOUTS.fileMs,
      ],
    ];
    const faults = await Promise.all(
      slow.map(async ([name, begin, piece, limitMs]) => {
        const ms = await closedAfter(begin, piece);
        // A busy machine may check late.
        return ms > limitMs * 0.8 && ms < limitMs * 1.3 + 3000
          ? []
          : [`${name}: after ${ms.toFixed(0)} ms, not ${String(limitMs)}`];
      }),
    );
    expect(faults.flat()).toEqual([]);
  });

  it('is not cut off while it waits for an answer to a body sent in time', async () => {
    const { headers } = await server.admin.patch(organisation.path, {}).expect(200);
    const tokens = server.running.app.get(PositionTokens);
    const next = tokens.tokenOf(String(BigInt(tokens.positionIn(headers['event-position'] as string)!) + 1_000_000n));
    const started = performance.now();
    await server.admin.post('/v1/organisations', { name: 'Late' }).set('Min-Event-Position', next).expect(503);
    expect(performance.now() - started).toBeGreaterThan(TIMEOUTS.largeBodyMs);
  });

  it('is not cut off between requests of one connection', async () => {
    const socket = open();
    let text = '';
    socket.on('data', (data) => {
      text += String(data);
    });
    const body = JSON.stringify({ email: freshEmail(), password: 'x' });
    for (let sent = 1; sent <= 3; sent += 1) {
      socket.write(
        `POST /v1/auth/sign-in/email HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`,
      );
      await waitFor('an answer', async () => Promise.resolve(text.split('HTTP/1.1 401').length - 1 === sent));
      // The wait is longer than the limit of a body, which must not count after the answer.
      await new Promise((resolve) => {
        setTimeout(resolve, TIMEOUTS.bodyMs * 1.2);
      });
    }
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });
});
