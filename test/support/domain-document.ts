import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const TEXT = readFileSync(join(import.meta.dirname, '../../docs/domain.md'), 'utf8');

/** The first table of a section of docs/domain.md, as Markdown. @param section its number, as in `3.2` */
export function domainTable(section: string): string {
  const table = /\n\|[^\n]*\|(?:\n\|[^\n]*\|)+/.exec(textOf(section))?.[0];
  if (table === undefined) throw new Error(`docs/domain.md §${section} has no table`);
  return table;
}

/** The arrows of a section's state diagram: `pending --> revoked: InvitationRevoked`. */
export function domainArrows(section: string): string[] {
  const diagram = /```mermaid\nstateDiagram-v2\n([\s\S]*?)```/.exec(textOf(section))?.[1];
  if (diagram === undefined) throw new Error(`docs/domain.md §${section} has no state diagram`);
  return diagram
    .trim()
    .split('\n')
    .map((line) => line.trim());
}

function textOf(section: string): string {
  const [heading] = new RegExp(String.raw`^#+ ${section.replace('.', String.raw`\.`)}\.? `, 'm').exec(TEXT) ?? [];
  if (heading === undefined) throw new Error(`docs/domain.md has no §${section}`);
  return TEXT.slice(TEXT.indexOf(heading)).split(/\n#+ /)[0] ?? '';
}
