import type { Random } from '../shared/event-sourcing/event-store-support.js';
import type { ProductProcess } from '../support/product-process.js';
import type { TestSmtp } from '../support/smtp.js';
import { ADMIN, metricsAt, PASSWORD } from '../support/test-server.js';

/** How long a caller repeats a call while instances are gone. */
const PATIENCE_MS = 60_000;
const ADDRESSES = 3;

interface Answer {
  status: number;
  position: string;
  body: Record<string, unknown>;
}

interface Circumstances {
  /** The position that the read models must have reached. */
  after?: string | undefined;
  /** The caller is not signed in. */
  anonymous?: boolean;
}

/** Several instances of the product, called as by a load balancer. Some may be gone at any moment. */
export class Cluster {
  readonly instances: (ProductProcess | null)[] = [];
  private token: string | null = null;

  constructor(private readonly random: Random) {}

  /** Calls any instance, again and again until one answers below 500. @throws when none does for a minute */
  async ask(
    method: string,
    path: string,
    body?: object,
    { after, anonymous = false }: Circumstances = {},
  ): Promise<Answer> {
    let said = 'nothing';
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
      const up = this.instances.filter((one) => one?.isRunning);
      const one = up[this.random.int(Math.max(1, up.length))];
      const answer = one
        ? await this.send(one, method, path, body, { after, anonymous }).catch((error: unknown) => String(error))
        : 'no instance runs';
      if (typeof answer !== 'string' && answer.status < 500) return answer;
      said = typeof answer === 'string' ? answer : `${String(answer.status)} ${JSON.stringify(answer.body)}`;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${method} ${path}: ${said}`);
  }

  async signIn(): Promise<void> {
    this.token = (await this.ask('POST', '/v1/auth/sign-in/email', ADMIN)).body['token'] as string;
  }

  /** The instance that says it leads, or null. */
  async worker(): Promise<ProductProcess | null> {
    for (const one of this.instances) {
      const metrics = one?.isRunning ? await metricsAt(one.url).catch(() => '') : '';
      if (/^rolecall_instance_is_leader 1$/m.test(metrics)) return one;
    }
    return null;
  }

  private async send(
    one: ProductProcess,
    method: string,
    path: string,
    body: object | undefined,
    { after, anonymous }: Circumstances,
  ): Promise<Answer> {
    const headers = {
      ...(this.token && !anonymous ? { authorization: `Bearer ${this.token}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(after ? { 'min-event-position': after } : {}),
    };
    const response = await fetch(one.url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    const text = await response.text();
    return {
      status: response.status,
      position: response.headers.get('event-position') ?? '',
      body: text ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  }
}

/** Invites, accepts and changes roles until `ended` aborts. Each call goes to any instance. */
export class Load {
  /** The addresses of all calls that were answered. */
  readonly invited: string[] = [];
  /** The addresses whose invitation was accepted, and whose role was changed afterwards. */
  readonly members: string[] = [];
  /** Reads that waited for a write, at any instance. */
  reads = 0;
  private rounds = 0;

  constructor(
    private readonly cluster: Cluster,
    private readonly smtp: TestSmtp,
    private readonly path: string,
    private readonly name: string,
  ) {}

  async run(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) await this.round();
  }

  private async round(): Promise<void> {
    this.rounds += 1;
    const emails = Array.from(
      { length: ADDRESSES },
      (_, n) => `${this.name}-${String(this.rounds)}-${String(n)}@example.test`,
    );
    const { status, position } = await this.cluster.ask('POST', `${this.path}/staff-invitations`, {
      emails,
      role: 'contributor',
    });
    expect(status).toBe(201);
    this.invited.push(...emails);
    for (const email of emails) {
      const { body } = await this.cluster.ask('GET', `${this.path}/staff-invitations?q=${email}`, undefined, {
        after: position,
      });
      expect((body['items'] as object[]).length).toBe(1);
      this.reads += 1;
    }
    const [first] = emails as [string];
    const { token } = await this.smtp.mailTo(first, 1, PATIENCE_MS);
    const accepted = await this.cluster.ask(
      'POST',
      `/v1/invitations/${token}/accept`,
      { name: 'Somebody', password: PASSWORD },
      { anonymous: true },
    );
    // The answer is 410 when an earlier attempt was stored without an answer.
    expect([200, 410]).toContain(accepted.status);
    if (accepted.status !== 200) return;
    const changed = await this.cluster.ask('PATCH', `/v1/staff/${String(accepted.body['membershipId'])}`, {
      role: 'admin',
    });
    expect(changed.status).toBe(200);
    this.members.push(first);
  }
}
