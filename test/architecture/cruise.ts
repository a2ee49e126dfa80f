import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { ICruiseResult } from 'dependency-cruiser';

const root = join(import.meta.dirname, '../..');
const cruiser = 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs';

/** What `npm run boundaries` finds in this folder (relative to the repository), as data. @throws when the cruise itself fails. */
export function cruise(folder: string): Promise<ICruiseResult> {
  const args = [cruiser, folder, '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  return new Promise((resolve, reject) => {
    // The exit code counts violations, so only the output tells a failed cruise from a broken rule.
    execFile(process.execPath, args, { cwd: root, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout) as ICruiseResult);
      } catch (error) {
        reject(new Error(`dependency-cruiser did not answer: ${stderr || stdout}`, { cause: error }));
      }
    });
  });
}

const OUTSIDE = [
  /(?:^|\/)node_modules\/(?:@nestjs|@fastify|@mikro-orm|@electric-sql|@eventstore|@kurrent|@better-auth)\//,
  /(?:^|\/)node_modules\/(?:fastify|kysely|pg|better-auth|nodemailer|pino)\//,
  /^(?:node:)?(?:fs|net|tls|dns|dgram|http|https|http2|child_process|worker_threads|cluster|timers|process)(?:\/|$)/,
];

/**
 * For each pure file (decider, events) that leads to Nest or I/O: the shortest chain of imports, as `from → … → to`.
 * Type-only imports don't count, because they are gone at run time.
 */
export function pureFilesReachNoIo({ modules, summary }: ICruiseResult): string[] {
  const imports = new Map(
    modules.map(({ source, dependencies }) => [
      source,
      dependencies.filter((to) => !to.dependencyTypes.includes('type-only')).map((to) => to.resolved),
    ]),
  );
  const pure = pureFilePattern(summary);
  return [...imports.keys()].filter((file) => pure.test(file)).flatMap((file) => wayOut([file], imports) ?? []);
}

function pureFilePattern(summary: ICruiseResult['summary']): RegExp {
  const rule = summary.ruleSetUsed?.forbidden?.find(({ name }) => name === 'pure-files-import-no-package');
  const path = rule && 'from' in rule ? rule.from.path : undefined;
  if (path === undefined) throw new Error('the rules no longer say which files are pure');
  return new RegExp([path].flat().join('|'));
}

function wayOut(start: string[], imports: Map<string, string[]>): string | undefined {
  const seen = new Set(start);
  let paths = [start];
  while (paths.length > 0) {
    const next = paths.flatMap((path) => (imports.get(path.at(-1) ?? '') ?? []).map((to) => [...path, to]));
    const found = next.find((path) => OUTSIDE.some((outside) => outside.test(path.at(-1) ?? '')));
    if (found) return found.join(' → ');
    paths = next.filter((path) => !seen.has(path.at(-1) ?? ''));
    for (const path of paths) seen.add(path.at(-1) ?? '');
  }
  return undefined;
}
