import type { TextKey } from '../texts/texts.en.js';
import type { PlaceView } from './place.js';

/** A link of the side bar or of a menu. */
export interface ShellLink {
  path: string;
  label: TextKey;
  icon: string;
  current: boolean;
}

/** Links of the side bar that belong together. */
export interface ShellSection {
  /** The name of the place that they are about; null: `label` or no title. */
  name: string | null;
  label: TextKey | null;
  links: ShellLink[];
}

/** What the frame of a signed-in person's page shows: shell/parts/bar.hbs and shell/parts/side.hbs. */
export interface Shell {
  person: { id: string; name: string | null; email: string | null; initials: string };
  /** Where the person is; null for a person who holds no place that has pages. */
  place: PlaceView | null;
  /** The first of the person's own places. */
  places: (PlaceView & { current: boolean })[];
  /** What the person may do, by the menu next to their name. */
  deeds: ShellLink[];
  sections: ShellSection[];
  /** The tabs of the Admin portal; none on other pages. */
  adminTabs: ShellLink[];
}

/** The letters of an avatar: of the first and the last word of a name, or of the name in an address. */
export function initialsOf(name: string | null): string {
  const isAddress = name?.includes('@') ?? false;
  const parts = isAddress ? (name ?? '').replace(/@.*$/u, '').split(/[._+-]+/u) : (name ?? '').split(/\s+/u);
  const words = parts.filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word) => String.fromCodePoint(word?.codePointAt(0) ?? 0).toLocaleUpperCase()).join('');
}
