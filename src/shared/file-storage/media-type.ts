/** The types of files that browsers show and that run nothing. */
export const SHOWN_TYPES = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'application/pdf',
  'text/plain',
] as const;

/** Number of bytes at a file's beginning that decide about its type. */
export const HEAD_BYTES = 4096;
export const UNKNOWN_TYPE = 'application/octet-stream';

/** A type, and the bytes that a file of it has at a place. */
type Signature = readonly [type: string, ...parts: (readonly [at: number, bytes: string])[]];

/** In Latin-1. Source: https://mimesniff.spec.whatwg.org, https://www.iana.org/assignments/media-types */
const SIGNATURES: readonly Signature[] = [
  ['image/png', [0, '\x89PNG\r\n\x1a\n']],
  ['image/jpeg', [0, '\xff\xd8\xff']],
  ['image/gif', [0, 'GIF87a']],
  ['image/gif', [0, 'GIF89a']],
  ['image/webp', [0, 'RIFF'], [8, 'WEBPVP']],
  ['application/pdf', [0, '%PDF-']],
  ['image/tiff', [0, 'II*\0']],
  ['image/tiff', [0, 'MM\0*']],
  ['audio/wav', [0, 'RIFF'], [8, 'WAVE']],
  ['audio/mpeg', [0, 'ID3']],
  ['video/mp4', [4, 'ftyp']],
  ['video/webm', [0, '\x1a\x45\xdf\xa3']],
  ['application/gzip', [0, '\x1f\x8b\x08']],
  ['application/x-7z-compressed', [0, "7z\xbc\xaf'\x1c"]],
  ['application/x-ole-storage', [0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1']],
  ['application/zip', [0, 'PK\x03\x04']],
  ['application/zip', [0, 'PK\x05\x06']],
];

const OPEN_DOCUMENT = /^mimetype(application\/vnd\.oasis\.opendocument\.[a-z-]{1,40})PK/;
/** Folders in the archives of Office Open XML. */
const OFFICE_FOLDERS = {
  'word/': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'xl/': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'ppt/': 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
};
/** Length of the header before the name of an archive's first entry. */
const ENTRY_HEADER_BYTES = 30;

/**
 * The media type by the file's first bytes; null when they are those of no known type. It unpacks nothing.
 * @param head up to `HEAD_BYTES`
 */
export function typeByHead(head: Buffer): string | null {
  const text = head.subarray(0, HEAD_BYTES).toString('latin1');
  const found = SIGNATURES.find(([, ...parts]) => parts.every(([at, bytes]) => text.startsWith(bytes, at)));
  return found?.[0] === 'application/zip' ? typeOfArchive(text) : (found?.[0] ?? null);
}

/** The type of an archive by the names of its first entries, which stand in it uncompressed. */
function typeOfArchive(text: string): string {
  const named = text.slice(ENTRY_HEADER_BYTES);
  const openDocument = OPEN_DOCUMENT.exec(named)?.[1];
  if (openDocument !== undefined) return openDocument;
  if (named.startsWith('[Content_Types].xml') || named.startsWith('_rels/.rels'))
    for (const [folder, type] of Object.entries(OFFICE_FOLDERS)) if (text.includes(folder)) return type;
  return 'application/zip';
}
