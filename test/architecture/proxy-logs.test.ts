import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const PROXIES = readFileSync(join(ROOT, 'docs/proxies.md'), 'utf8');
const OPERATIONS = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');

/** The start of every route that has a link's token in its path, read from the controllers. */
function linkPaths(): string[] {
  const controllers = readdirSync(join(ROOT, 'src'), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.controller.ts'));
  const found = controllers.flatMap((file) => {
    const text = readFileSync(join(ROOT, 'src', file), 'utf8');
    const base = /@Controller\('([^']*)'\)/.exec(text)?.[1] ?? '';
    const routes = [...text.matchAll(/@(?:Get|Post|Put|Patch|Delete)\((?:'([^']*)')?/g)].map(
      ([, path = '']) => `/${[base, path].filter(Boolean).join('/')}`,
    );
    return routes.filter((route) => route.includes(':token')).map((route) => route.slice(0, route.indexOf(':token')));
  });
  return [...new Set(found)].sort();
}

describe('the example of a proxy in the documents', () => {
  const location = /^ {4}location ~ (\S+) \{\n([\s\S]*?)^ {4}\}/m.exec(OPERATIONS);
  const isLeftOut = (path: string): boolean => new RegExp(location![1]!).test(path);

  it('keeps every path that a link begins with out of both logs, and the text names each', () => {
    expect(linkPaths()).toEqual(expect.arrayContaining(['/invitations/', '/join/', '/v1/invitations/', '/v1/links/']));
    for (const path of linkPaths())
      expect([
        path,
        OPERATIONS.includes(`\`${path}\``),
        isLeftOut(`${path}token`),
        isLeftOut(`${path}token/accept`),
      ]).toEqual([path, true, true, true]);
    expect(location![2]).toMatch(/^ +access_log off;\n +error_log \/dev\/null emerg;$/m);
  });

  it('keeps them out for an installation under a path, too', () => {
    const patterns = [
      ...PROXIES.matchAll(/^ {4}location ~ (\S+) \{\n +access_log off;\n +error_log \/dev\/null emerg;$/gm),
    ].map(([, pattern]) => new RegExp(pattern!));
    expect(patterns).toHaveLength(2);
    for (const path of linkPaths())
      expect([path, patterns.map((pattern) => pattern.test(`/rolecall${path}token`))]).toEqual([path, [true, true]]);
  });

  it('lets the proxy log paths without a link', () => {
    for (const path of [
      '/',
      '/sign-in',
      '/v1/me/invitations/one/accept',
      '/v1/staff-invitations/one',
      '/v1/patient-links/one',
      '/me/invitations/one',
    ])
      expect([path, isLeftOut(path)]).toEqual([path, false]);
  });
});
