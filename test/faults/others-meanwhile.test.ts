import { setTimeout } from 'node:timers/promises';
import { Random } from '../shared/event-sourcing/event-store-support.js';
import { describeOnEngines } from '../support/engines.js';
import { Installation } from '../support/installation.js';
import { MassSmtp } from '../support/mass-smtp.js';
import type { ProductProcess } from '../support/product-process.js';
import { ADMIN } from '../support/test-server.js';
import { Crowd, crowdFile, metric } from './crowd.js';
import { signIn } from './invitation-round.js';
import { SmallRequests, spread, type Small } from './small-requests.js';

/** The full proof needs MASS_ADDRESSES=10000. Its p99 should be below 250 ms. */
const ADDRESSES = Number(process.env.MASS_ADDRESSES ?? '300');
const PER_SECOND = Number(process.env.MASS_SMALL_REQUESTS ?? '50');
const CALM_MS = ADDRESSES < 1000 ? 500 : 4000;
const LOOK_AGAIN_MS = 500;
const LASTING_MS = 2000;
const CALL = 'until the answer';
const PATIENCE_MS = 900_000;

interface Phase {
  name: string;
  from: number;
  to: number;
  /** The longest that the server's event loop was held, in milliseconds. */
  held: number;
}

describeOnEngines('other callers while many addresses are invited', (engine) => {
  let installation: Installation;
  let smtp: MassSmtp;
  let product: ProductProcess;
  beforeAll(async () => {
    [installation, smtp] = await Promise.all([Installation.make(engine), MassSmtp.start()]);
    product = await installation.start({ SMTP_URL: smtp.url });
  }, PATIENCE_MS);
  afterAll(async () => {
    await product.kill();
    smtp.close();
    await installation.remove();
  });

  it(
    'are all answered',
    async () => {
      const token = await signIn(product.url, ADMIN);
      const [crowd, elsewhere] = [await Crowd.open(product.url, token), await Crowd.open(product.url, token)];
      const file = crowdFile(ADDRESSES, new Random(`others meanwhile ${engine.name}`));
      const others = SmallRequests.start(
        product.url,
        token,
        elsewhere.path.replace('/staff-invitations', ''),
        PER_SECOND,
      );
      const phases: Phase[] = [];
      const loop = new LoopWatch(product.url);
      const phase = async <Done>(name: string, work: () => Promise<Done>): Promise<Done> => {
        const from = Date.now();
        const done = await work();
        phases.push({ name, from, to: Date.now(), held: Math.round((await loop.held()) * 1000) });
        return done;
      };
      let answered: object;
      try {
        await phase('starting', async () => setTimeout(CALM_MS));
        await phase('before', async () => setTimeout(CALM_MS));
        await phase('preview', async () => crowd.preview(file));
        const { position, body } = await phase(CALL, async () => crowd.invite(file.emails));
        answered = (body as { summary: object }).summary;
        await phase('until the list shows all', async () => crowd.waitUntilListed(position));
        await phase('until all mails are out', async () => smtp.waitUntilMailed(new Set(file.emails), PATIENCE_MS));
      } finally {
        await loop.stop();
        await others.stop();
      }
      const seen = await others.stop();
      report(seen, phases);
      expect(answered).toMatchObject({ invited: ADDRESSES });
      expect(seen.filter(({ status }) => status !== 200 && status !== 201)).toEqual([]);
      // During a long call, others are answered before it ends.
      const lasting = phases.filter(({ name, from, to }) => name === CALL && to - from > LASTING_MS);
      expect(lasting.filter(({ from, to }) => !seen.some(({ at, ms }) => at > from && at + ms < to))).toEqual([]);
    },
    PATIENCE_MS,
  );

  function report(seen: readonly Small[], phases: readonly Phase[]): void {
    const lines = phases.flatMap(({ name, from, to, held }) => {
      const some = within(seen, from, to);
      const byKind = [...Map.groupBy(some, ({ what }) => what)].map(([what, those]) => `    ${what}: ${spread(those)}`);
      return [
        `  ${name}, ${((to - from) / 1000).toFixed(1)} s: ${spread(some)}; event loop held up to ${String(held)} ms`,
        ...byKind,
      ];
    });
    process.stdout.write(
      `${String(ADDRESSES)} addresses on ${engine.name}, ${String(PER_SECOND)} small requests a second\n${lines.join('\n')}\n`,
    );
  }
});

function within(seen: readonly Small[], from: number, to: number): Small[] {
  return seen.filter(({ at }) => at >= from && at < to);
}

/** Keeps the longest time that the event loop was held, because the product's metric starts anew with each read. */
class LoopWatch {
  private longest = 0;
  private stopped = false;
  private readonly looking: Promise<void>;

  constructor(private readonly url: string) {
    this.looking = this.look();
  }

  /** The longest since the last call, in seconds. */
  async held(): Promise<number> {
    await this.note();
    const { longest } = this;
    this.longest = 0;
    return longest;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.looking;
  }

  private async look(): Promise<void> {
    while (!this.stopped) {
      await this.note();
      await setTimeout(LOOK_AGAIN_MS);
    }
  }

  private async note(): Promise<void> {
    this.longest = Math.max(this.longest, await metric(this.url, 'nodejs_eventloop_lag_max_seconds'));
  }
}
