import { badFieldsOf, type BadField } from '../forms.js';
import type { TextKey } from '../texts/texts.en.js';

export const PROFILE_FIELDS = ['name', 'description'] as const;
export type ProfileFields = Record<(typeof PROFILE_FIELDS)[number], string>;

const ERRORS: Readonly<Record<string, TextKey>> = {
  name: 'groups.errors.name',
  description: 'groups.errors.description',
};

/** The name and description of a group as the API takes them. Without a description a group has none. */
export function profileOf({ name, description }: ProfileFields) {
  return { name, description: description.trim() === '' ? null : description };
}

/** The invalid fields of a group's name and description; null for any other error. */
export function profileErrors(error: unknown): BadField[] | null {
  return badFieldsOf(error)?.map(({ field }) => ({ field, text: ERRORS[field] ?? 'invite.errors.other' })) ?? null;
}
