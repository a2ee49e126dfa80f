import { setTimeout } from 'node:timers/promises';
import type { Random } from '../shared/event-sourcing/event-store-support.js';
import { waitFor } from '../support/wait-for.js';
import { call, pagesOf, type CallAnswer, type Listed } from './invitation-round.js';
import { metricsAt } from '../support/test-server.js';

const LOOK_AGAIN_MS = 200;
const PATIENCE_MS = 120_000;

/** A contact file with the errors that people's files have. */
export interface CrowdFile {
  text: string;
  /** The good addresses, in the file's order. */
  emails: string[];
  /** Lines that hold no address. */
  badLines: number[];
  duplicates: number;
}

interface ImportPreview {
  recipients: { line: number; email: string; outcome: string }[];
  problems: { line: number }[];
}

/** Of a hundred rows about four hold no address, one repeats an address, and one is blank. */
export function crowdFile(size: number, random: Random): CrowdFile {
  const mark = random.uuid().slice(0, 8);
  const emails: string[] = [];
  const lines = ['Name,E-mail Address,Ward'];
  const badLines: number[] = [];
  let duplicates = 0;
  while (emails.length < size) {
    const defect = random.int(100);
    const bad = ['Nobody,,3', 'Nobody,not known,3', 'Nobody,ann@@example..test,3', 'Nobody,ann at example.test,3'][
      defect
    ];
    if (bad !== undefined) {
      badLines.push(lines.push(bad));
    } else if (defect === 4 && emails.length > 0) {
      duplicates += 1;
      lines.push(`Again,${emails[random.int(emails.length)]!.toUpperCase()},1`);
    } else if (defect === 5) {
      lines.push('');
    } else {
      const email = `person-${mark}-${String(emails.length)}@example.test`;
      lines.push(
        [`Ann,${email},3`, `"Smith, Ann",${email},3`, `"Smith, Ann","Ann Smith <${email}>",3`][random.int(3)]!,
      );
      emails.push(email);
    }
  }
  return { text: `\uFEFF${lines.join('\r\n')}\r\n`, emails, badLines, duplicates };
}

/** What a crowd can be invited to: how a place in an organisation is made, and what the call offers. */
const KINDS = {
  staff: { make: null, invitations: 'organisations/:id/staff-invitations', offer: { role: 'contributor' } },
  patients: { make: 'deployments', invitations: 'deployments/:id/patient-invitations', offer: {} },
  'group members': {
    make: 'groups',
    invitations: 'groups/:id/invitations',
    offer: { administrator: false, contentCreator: true },
  },
} as const;
export type CrowdKind = keyof typeof KINDS;
export const CROWD_KINDS = Object.keys(KINDS) as CrowdKind[];

/** A place of its own, to which one crowd is invited. */
export class Crowd {
  private constructor(
    private readonly url: string,
    private readonly token: string,
    /** The path of the place's invitations. */
    readonly path: string,
    private readonly offer: object,
  ) {}

  static async open(url: string, token: string, kind: CrowdKind = 'staff'): Promise<Crowd> {
    const { make, invitations, offer } = KINDS[kind];
    const made = async (path: string): Promise<string> =>
      ((await call(url, token, 'POST', `/v1/${path}`, { name: 'Riverside' })).body as { id: string }).id;
    const organisation = await made('organisations');
    const id = make === null ? organisation : await made(`organisations/${organisation}/${make}`);
    return new Crowd(url, token, `/v1/${invitations.replace(':id', id)}`, offer);
  }

  async preview({ text }: CrowdFile): Promise<ImportPreview> {
    const form = new FormData();
    form.set('file', new Blob([text], { type: 'text/csv' }), 'contacts.csv');
    const response = await fetch(`${this.url}${this.path}/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}` },
      body: form,
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as ImportPreview;
  }

  async invite(emails: readonly string[]): Promise<CallAnswer> {
    return call(this.url, this.token, 'POST', this.path, { emails, ...this.offer });
  }

  /**
   * Resolves when the list shows all events up to the position. It asks repeatedly, because the product waits for 5 s
   * at most.
   */
  async waitUntilListed(position: string): Promise<void> {
    const headers = { authorization: `Bearer ${this.token}`, 'min-event-position': position };
    await waitFor(
      'the list',
      async () => (await fetch(`${this.url}${this.path}?limit=1`, { headers })).ok,
      PATIENCE_MS,
    );
  }

  async pending(position: string): Promise<Listed[]> {
    await this.waitUntilListed(position);
    const listed: Listed[] = [];
    for await (const page of pagesOf(this.url, this.token, this.path, position)) listed.push(...page);
    return listed;
  }

  /** The address that the product shows for a mailed link. */
  async invitee(link: string): Promise<string> {
    return ((await call(this.url, null, 'GET', `/v1/invitations/${link}`)).body as { email: string }).email;
  }
}

/** Random items, each at most once. */
export function sample<Item>(items: readonly Item[], size: number, random: Random): Item[] {
  const drawn = new Set<Item>();
  while (drawn.size < Math.min(size, items.length)) drawn.add(items[random.int(items.length)]!);
  return [...drawn];
}

/** The product's own count of mails in a state. */
export async function mailsIn(url: string, state: string): Promise<number> {
  return metric(url, `rolecall_outbox_entries{state="${state}"}`);
}

/** Resolves when the product counts no pending mail. */
export async function waitUntilNoMailIsPending(url: string, ms: number): Promise<void> {
  await waitFor(
    'no pending mail',
    async () => {
      await setTimeout(LOOK_AGAIN_MS);
      return (await mailsIn(url, 'pending')) === 0;
    },
    ms,
  );
}

/** A metric of the product, or 0 when it shows none. */
export async function metric(url: string, name: string): Promise<number> {
  const text = await metricsAt(url);
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return line ? Number(line.slice(name.length + 1)) : 0;
}
