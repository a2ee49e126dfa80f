import {
  flag,
  nullable,
  number,
  partial,
  text,
  type DeclaredStreams,
  type Shapes,
} from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';

/** A link's entry in a group. The integrator stores the content. */
export interface GroupFileEntry {
  name: string;
  /** Bytes; null if unknown. */
  size: number | null;
  /** Media type, such as `application/pdf`; null if unknown. */
  type: string | null;
  /** The address of the content, or a reference in the integrator's store. */
  url: string;
}

/** One content of a file. Its bytes are in the file storage, and no event holds them. */
export interface GroupFileContent {
  /** The second part of its key in the storage. */
  contentId: string;
  /** Bytes. */
  size: number;
  /** Media type by the bytes. */
  type: string;
  /** Hexadecimal. */
  sha256: string;
}

/** Domain events of `groupFile-<id>`. Stored names are permanent. */
export interface GroupFileDomainEvents {
  /** A link. */
  GroupFileAdded: GroupFileEntry & { groupId: string };
  /** A file whose content is stored here. This content is version 1. */
  GroupFileUploaded: GroupFileContent & { groupId: string; name: string };
  /** A later version. */
  GroupFileContentStored: GroupFileContent & { version: number };
  /** Has only the fields that changed. */
  GroupFileEdited: Partial<GroupFileEntry>;
  GroupFileRemoved: Record<string, never>;
  /** `memberSince` identifies the membership, because a person who leaves and returns has no exceptions. */
  GroupFileExceptionSet: { memberId: string; memberSince: string; contentCreator: boolean };
  GroupFileExceptionCleared: { memberId: string };
}
export type GroupFileDomainEvent = {
  [Type in keyof GroupFileDomainEvents]: { type: Type; data: GroupFileDomainEvents[Type] };
}[keyof GroupFileDomainEvents];
export type GroupFileEvent = Omit<StoredEvent, 'type' | 'data'> & GroupFileDomainEvent;

export const GROUP_FILE_EVENT_TYPES = [
  'GroupFileAdded',
  'GroupFileUploaded',
  'GroupFileContentStored',
  'GroupFileEdited',
  'GroupFileRemoved',
  'GroupFileExceptionSet',
  'GroupFileExceptionCleared',
] as const;

const ENTRY = { name: text, size: nullable(number), type: nullable(text), url: text };
const CONTENT = { contentId: text, size: number, type: text, sha256: text };
const GROUP_FILE_SHAPES: Shapes<GroupFileDomainEvents> = {
  GroupFileAdded: { ...ENTRY, groupId: text },
  GroupFileUploaded: { ...CONTENT, groupId: text, name: text },
  GroupFileContentStored: { ...CONTENT, version: number },
  GroupFileEdited: partial(ENTRY),
  GroupFileRemoved: {},
  GroupFileExceptionSet: { memberId: text, memberSince: text, contentCreator: flag },
  GroupFileExceptionCleared: { memberId: text },
};

export const GROUP_FILE_STREAMS = {
  category: 'groupFile',
  types: GROUP_FILE_SHAPES,
} as const satisfies DeclaredStreams;
