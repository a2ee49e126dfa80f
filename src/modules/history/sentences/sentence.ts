import { fillText, type Locale } from '../../../shared/mail/texts.js';
import type { EntryRow } from '../fold/history-entry.js';
import type { Kind } from '../fold/kinds.js';
import { RELEASE } from '../fold/fold-event.js';
import type { DefinitionVersion, ScopeVersion, Versions } from '../reading/past-facts.js';
import { SENTENCES_DE, WORDS_DE } from './sentences.de.js';
import { SENTENCES_EN, WORDS_EN } from './sentences.en.js';

export const WORDS: Readonly<Record<Locale, typeof WORDS_EN>> = { en: WORDS_EN, de: WORDS_DE };
export const SENTENCES: Readonly<Record<Locale, Readonly<Record<Kind, string>>>> = {
  en: SENTENCES_EN,
  de: SENTENCES_DE,
};

/** What a sentence names, as the reader may see it. */
export interface Named {
  actor: { name: string | null };
  subject?: { name: string | null } | undefined;
  roles: Versions<DefinitionVersion>;
  scopes: Versions<ScopeVersion>;
  /** Whether the reader may see names of a group's files. */
  seesContent: boolean;
}

/** What happened, in one sentence. */
export function sentenceOf(
  row: EntryRow,
  { actor, subject, roles, scopes, seesContent }: Named,
  locale: Locale,
): string {
  const [words, { data, number }] = [WORDS[locale], row];
  const nameOf = (id: unknown): string =>
    typeof id === 'string'
      ? (roles.at(id, number)?.name ?? roles.at(RELEASE, number)?.tables?.sets[id]?.name ?? id)
      : words.unknown;
  const grant = (data['grant'] as { role?: string } | undefined)?.role;
  const isOfRole = row.type.startsWith('Role');
  const file = data['name'];
  return fillText(SENTENCES[locale][row.kind as Kind], {
    actor: actor.name ?? words.somebody,
    subject: subject?.name ?? words.somebody,
    place: scopes.at(row.scope_id, number)?.name ?? words.platform,
    role: row.type === 'BuiltInRolesChanged' ? words.everyRole : nameOf(isOfRole ? row.about : (data['to'] ?? grant)),
    roleBefore: nameOf(isOfRole ? row.about : data['from']),
    file: seesContent && typeof file === 'string' ? file : words.file,
    projection: typeof data['projection'] === 'string' ? data['projection'] : '',
    count: String(Number(data['count'] ?? data['recipients'] ?? 0)),
  });
}
