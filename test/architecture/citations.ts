import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const FOLDERS = ['src', 'test', 'bench', 'scripts', 'docs'];
const FILES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'];
const TEXT = /\.(?:[cm]?ts|[cm]?js|md)$/;
const APART = /(?:^|\/)(?:node_modules|\.build|results|fixtures)(?:\/|$)/;

/** The paths of all texts that may cite a document, from the root of the repository. */
export function citingFiles(): string[] {
  const found = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  );
  return [...FILES, ...found.filter((file) => TEXT.test(file) && !APART.test(file))].sort();
}

export function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/**
 * The citations whose target doesn't exist: documents, sections of the domain page, ADRs, source files between
 * backticks, and targets of links.
 * Source files in ADRs don't count, because ADRs keep the names of their time.
 */
export function deadCitations(file: string, text: string): string[] {
  const documents = [...text.matchAll(/\bdocs\/[\w/-]+\.md\b/g)]
    .map(([path]) => path)
    .filter((path) => !existsSync(join(ROOT, path)));
  const sections = [...text.matchAll(/docs\/domain\.md((?:,? (?:and |to )?§[\d.]*\d)+)/g)].flatMap(([, list = '']) =>
    [...list.matchAll(/§([\d.]*\d)/g)].map(([, number = '']) => number),
  );
  const deadSections = sections.filter((number) => !SECTIONS.has(number)).map((number) => `§${number}`);
  const decisions = [...text.matchAll(/\bADRs? (\d{4})\b/g)]
    .map(([, number = '']) => number)
    .filter((number) => !ADRS.has(number))
    .map((number) => `ADR ${number}`);
  const sources = file.startsWith('docs/adr/')
    ? []
    : [...text.matchAll(/`(?:src\/)?((?:shared|modules|bootstrap|cli)\/[\w./-]+\.(?:ts|hbs))`/g)]
        .map(([, path = '']) => `src/${path}`)
        .filter((path) => !existsSync(join(ROOT, path)));
  // A name in capitals with a section sign cites a document outside the repository.
  const elsewhere = [...text.matchAll(/\b[A-Z]{4,} §\d+/g)].map(([name]) => name);
  return [
    ...documents,
    ...deadSections,
    ...decisions,
    ...elsewhere,
    ...sources,
    ...(file.endsWith('.md') ? deadLinks(file, text) : []),
  ];
}

const SECTIONS = new Set([...read('docs/domain.md').matchAll(/^#{2,3} ([\d.]*\d)\.? /gm)].map(([, number]) => number));
const ADRS = new Set(readdirSync(join(ROOT, 'docs/adr')).map((file) => file.slice(0, 4)));

/** The links in a Markdown text whose file or heading doesn't exist. */
function deadLinks(file: string, text: string): string[] {
  return [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].flatMap(([, path = '', heading]) => {
    const target = path === '' ? file : join(dirname(file), path);
    if (!existsSync(join(ROOT, target))) return [target];
    return heading === undefined || headingsIn(read(target)).has(heading) ? [] : [`${target}#${heading}`];
  });
}

/** The anchors of a text's headings, as GitHub makes them. */
function headingsIn(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
