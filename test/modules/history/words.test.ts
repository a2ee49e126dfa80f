import { readFileSync } from 'node:fs';
import { eventShapes } from '../../../src/bootstrap/event-shapes.js';
import { isMembership, kindOf, KINDS } from '../../../src/modules/history/fold/kinds.js';
import { SENTENCES, WORDS } from '../../../src/modules/history/sentences/sentence.js';
import { LOCALES } from '../../../src/shared/mail/texts.js';

const DOCUMENT = new URL('../../../docs/history.md', import.meta.url);
const namesIn = (sentence: string): string[] =>
  [...sentence.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name!).sort();

describe('the words of the history', () => {
  const { types, categories } = eventShapes();
  const members = categories.filter(isMembership);

  it('name a kind for every event type that a follower gets', () => {
    const unknown = Object.keys(types)
      .filter((type) => type !== 'LogOpened')
      .filter((type) => [...members, 'other'].every((category) => kindOf(type, category) === 'internal.unknown'));
    expect(unknown).toEqual([]);
    expect(members).toHaveLength(4);
    expect(kindOf('FromANewerVersion', 'staff')).toBe('internal.unknown');
  });

  it.each(LOCALES)('have a sentence in %s for every kind, which takes known names alone', (locale) => {
    expect(Object.keys(SENTENCES[locale]).sort()).toEqual([...KINDS].sort());
    const known = ['actor', 'count', 'file', 'place', 'projection', 'role', 'roleBefore', 'subject'];
    for (const kind of KINDS) {
      expect([kind, namesIn(SENTENCES[locale][kind])]).toEqual([kind, namesIn(SENTENCES.en[kind])]);
      expect(namesIn(SENTENCES[locale][kind]).filter((name) => !known.includes(name))).toEqual([]);
    }
    expect(Object.keys(WORDS[locale])).toEqual(Object.keys(WORDS.en));
  });

  it('are listed in docs/history.md, each once', () => {
    const table = readFileSync(DOCUMENT, 'utf8').split('## Kinds')[1]!;
    const listed = [...table.matchAll(/`([a-z-]+\.[a-z-]+)`/g)].map(([, kind]) => kind!);
    expect(listed.sort()).toEqual([...KINDS].sort());
  });
});
