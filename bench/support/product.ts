import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadTask } from './load.js';
import { end, freePort, startNode, waitFor } from './processes.js';
import { CONNECTIONS } from './settings.js';

/** Switches the quotas off, because they would limit the measured load. */
const NO_QUOTAS = { ORGANISATION_INVITATIONS_PER_DAY: '0', CALLER_INVITATIONS_PER_DAY: '0', PREVIEWS_PER_HOUR: '0' };
/** As package.json and the Dockerfile have them. */
const NODE_OPTIONS = ['--max-semi-space-size=16'];
const MAIN = join(import.meta.dirname, '../../src/main.js');
const ADMIN = { email: 'admin@bench.test', password: 'only for measuring' };
/** Made-up secrets, which protect nothing. */
export const SECRETS = {
  LINK_SECRET: 'only-for-measuring-link-0123456789-abcdefgh',
  MASTER_KEY: 'only-for-measuring-master-0123456789-abcdef',
  PERSON_SECRET: 'only-for-measuring-person-0123456789-abcdef',
  SESSION_SECRET: 'only-for-measuring-session-0123456789-abcde',
  METRICS_TOKEN: 'only-for-measuring-metrics-0123456789-abcde',
};

export interface Answer {
  status: number;
  position: string | null;
  body: unknown;
}

/** Rolecall in server mode, as operators run it, with its super-admin signed in and one organisation. */
export class Product {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    private readonly token: string,
    readonly organisationId: string,
  ) {}

  /**
   * @param smtpUrl null: mails wait in the mailbox
   * @param watched for a profile: options and variables for Node
   */
  static async start(
    databaseUrl: string,
    smtpUrl: string | null,
    watched: { nodeOptions: string[]; env: Record<string, string> } = { nodeOptions: [], env: {} },
  ): Promise<Product> {
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    const settings = {
      PORT: port,
      DATABASE_URL: databaseUrl,
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      ...SECRETS,
      ...NO_QUOTAS,
      ...watched.env,
    };
    const child = startNode(
      'rolecall',
      [...NODE_OPTIONS, ...watched.nodeOptions, MAIN],
      smtpUrl ? { ...settings, SMTP_URL: smtpUrl } : settings,
    );
    await waitFor('Rolecall is ready', async () => {
      if (child.exitCode !== null) throw new Error(`Rolecall ended: ${readFileSync(child.log, 'utf8').slice(-1000)}`);
      return (await fetch(`${url}/health/ready`).catch(() => null))?.ok;
    });
    const { token } = (await call(url, 'POST', '/v1/auth/sign-in/email', { body: ADMIN })).body as { token: string };
    const organisation = await call(url, 'POST', '/v1/organisations', { token, body: { name: 'Riverside Hospital' } });
    return new Product(child, url, token, (organisation.body as { id: string }).id);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** The path of the list, and of the command that invites. */
  get invitations(): string {
    return `/v1/organisations/${this.organisationId}/staff-invitations`;
  }

  /**
   * Makes a call as the super-admin.
   * @throws unless the response is 2xx
   */
  async call(method: string, path: string, options: { body?: object; after?: string } = {}): Promise<Answer> {
    return call(this.url, method, path, { token: this.token, ...options });
  }

  /**
   * Reads a page as the super-admin.
   * @throws unless the response is 200
   */
  async page(path: string): Promise<string> {
    const headers = { authorization: `Bearer ${this.token}`, accept: 'text/html' };
    const response = await fetch(this.url + path, { headers, redirect: 'manual' });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path}: ${String(response.status)}`);
    return text;
  }

  /** The task of one invitation per call. */
  invitingOneByOne(limit: { seconds: number } | { calls: number }): LoadTask {
    return {
      url: this.url,
      path: this.invitations,
      token: this.token,
      body: { role: 'contributor' },
      addressIn: 'emails',
      connections: CONNECTIONS,
      ...limit,
    };
  }

  /** Waits until the read models show everything up to a position, for ten minutes at most. */
  async readModelsAt(position: string): Promise<void> {
    await waitFor(
      'the read models',
      async () =>
        (await send(this.url, 'GET', `${this.invitations}?limit=1`, { token: this.token, after: position })).status ===
        200,
      600_000,
    );
  }

  /** Waits until no mail is waiting to be sent. */
  async mailIsOut(): Promise<void> {
    const waiting = /rolecall_outbox_entries\{state="pending"\} [1-9]/;
    await waitFor(
      'the outbox is empty',
      async () =>
        !waiting.test(
          await (
            await fetch(`${this.url}/metrics`, { headers: { authorization: `Bearer ${SECRETS.METRICS_TOKEN}` } })
          ).text(),
        ),
      600_000,
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async stop(): Promise<void> {
    await end(this.child);
  }
}

interface CallOptions {
  token?: string;
  body?: object;
  after?: string;
}

async function call(url: string, method: string, path: string, options: CallOptions): Promise<Answer> {
  const answer = await send(url, method, path, options);
  if (answer.status < 200 || answer.status > 299)
    throw new Error(`${method} ${path}: ${String(answer.status)} ${JSON.stringify(answer.body)}`);
  return answer;
}

async function send(url: string, method: string, path: string, { token, body, after }: CallOptions): Promise<Answer> {
  const headers = {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(body ? { 'content-type': 'application/json' } : {}),
    ...(after ? { 'min-event-position': after } : {}),
  };
  const response = await fetch(url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  const text = await response.text();
  return {
    status: response.status,
    position: response.headers.get('event-position'),
    body: text ? (JSON.parse(text) as unknown) : null,
  };
}
