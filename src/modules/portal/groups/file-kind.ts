import type { Locale } from '../../../shared/mail/texts.js';
import type { TextKey } from '../texts/texts.en.js';

/** What people call a media type, by how it begins. The first that fits counts. */
const KINDS: readonly (readonly [beginning: string, kind: TextKey])[] = [
  ['application/pdf', 'groups.kind.pdf'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml', 'groups.kind.document'],
  ['application/vnd.oasis.opendocument.text', 'groups.kind.document'],
  ['application/msword', 'groups.kind.document'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml', 'groups.kind.table'],
  ['application/vnd.oasis.opendocument.spreadsheet', 'groups.kind.table'],
  ['application/vnd.ms-excel', 'groups.kind.table'],
  ['text/csv', 'groups.kind.table'],
  ['application/vnd.openxmlformats-officedocument.presentationml', 'groups.kind.slides'],
  ['application/vnd.oasis.opendocument.presentation', 'groups.kind.slides'],
  ['application/vnd.ms-powerpoint', 'groups.kind.slides'],
  ['image/', 'groups.kind.image'],
  ['audio/', 'groups.kind.audio'],
  ['video/', 'groups.kind.video'],
  ['text/', 'groups.kind.text'],
];
const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** The text for a media type; for a file without one, that it is a link. */
export function kindOf(type: string | null): TextKey {
  if (type === null) return 'groups.kind.link';
  return KINDS.find(([beginning]) => type.toLowerCase().startsWith(beginning))?.[1] ?? 'groups.kind.file';
}

/** A number of bytes as people write it: `182 kB`. */
export function sizeText(bytes: number, locale: Locale): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor((String(bytes).length - 1) / 3)));
  const value = bytes / 1000 ** step;
  return value.toLocaleString(locale, {
    style: 'unit',
    unit: UNITS[step] ?? 'byte',
    maximumFractionDigits: value < 10 ? 1 : 0,
  });
}
