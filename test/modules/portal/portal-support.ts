import request from 'supertest';
import { readModelsCaughtUp } from '../../support/scenarios.js';
import { PASSWORD, type TestServer } from '../../support/test-server.js';

/** A client that acts as a browser: it keeps cookies, asks for HTML, and names the origin of a form. */
export class Visitor {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly url: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  async get(path: string) {
    return this.kept(await request(this.url).get(path).set(this.all()));
  }

  /** Submits a form of this site, as browsers do from pages that send no referrer. */
  async submit(
    path: string,
    fields: Record<string, string> = {},
    from: Record<string, string> = { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' },
  ) {
    return this.kept(
      await request(this.url)
        .post(path)
        .type('form')
        .set({ ...this.all(), ...from })
        .send(fields),
    );
  }

  /** Submits a form of which several fields may have one name. */
  async submitPairs(path: string, pairs: readonly (readonly [name: string, value: string])[]) {
    return this.kept(
      await request(this.url)
        .post(path)
        .type('form')
        .set({ ...this.all(), Origin: 'null', 'Sec-Fetch-Site': 'same-origin' })
        .send(pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')),
    );
  }

  /** Submits a form with one file. */
  async upload(path: string, content: string, name = 'contacts.csv') {
    return this.kept(
      await request(this.url)
        .post(path)
        .set({ ...this.all(), Origin: 'null', 'Sec-Fetch-Site': 'same-origin' })
        .attach('file', Buffer.from(content), name),
    );
  }

  get isSignedIn(): boolean {
    return [...this.cookies.keys()].some((name) => name.endsWith('rolecall.session_token'));
  }

  private all(): Record<string, string> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return {
      Accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
      ...this.headers,
      ...(cookie ? { Cookie: cookie } : {}),
    };
  }

  private kept(response: request.Response): request.Response {
    for (const header of (response.headers['set-cookie'] as unknown as string[] | undefined) ?? []) {
      const [pair = '', ...attributes] = header.split('; ');
      const at = pair.indexOf('=');
      const gone = attributes.some((attribute) => /^max-age=0$/i.test(attribute));
      if (gone) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }
}

/** Signs a person in by the form, when the read models know where they hold a role. */
export async function signedInVisitor(
  server: TestServer,
  { email, password = PASSWORD }: { email: string; password?: string },
): Promise<Visitor> {
  await readModelsCaughtUp(server);
  const visitor = new Visitor(server.url);
  expect((await visitor.submit('/sign-in', { email, password })).status).toBe(303);
  return visitor;
}

/** The text of the page's heading. */
export function headingOf(html: string): string {
  const heading = /<h1[^>]*>([\s\S]*?)<\/h1>/.exec(html)?.[1] ?? '';
  return heading.replaceAll('&#x27;', "'").replaceAll('&amp;', '&');
}

/** The forms of a page: the address that each posts to, and its hidden fields. */
export function formsIn(html: string): [action: string, hidden: Record<string, string>][] {
  return [...html.matchAll(/<form [^>]*action="([^"]+)"[^>]*>([\s\S]*?)<\/form>/g)].map(
    ([, action = '', content = '']) => {
      return [
        action,
        Object.fromEntries(
          [...content.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(([, name, value]) => [
            name!,
            value!,
          ]),
        ),
      ];
    },
  );
}
