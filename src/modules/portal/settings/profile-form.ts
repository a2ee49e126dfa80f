import { badFieldsOf, type BadField } from '../forms.js';
import type { TextKey } from '../texts/texts.en.js';
import type { ProfiledKind } from './place-rights.js';

const URLS = ['privacyPolicyUrl', 'termsUrl'] as const;
const APPS = ['appStoreUrl', 'playStoreUrl'] as const;
const TARGETS = ['plannedPatients', 'plannedStaff'] as const;

export type ProfileField =
  'name' | 'viewType' | 'offboardingReasons' | (typeof URLS)[number] | (typeof APPS)[number] | (typeof TARGETS)[number];
/** The fields of a form as text. A kind of place lacks some of them. */
export type ProfileFields = Partial<Record<ProfileField, string>>;

/** The fields that each kind of place has, in the order of the form. */
export const PROFILE_FIELDS: Readonly<Record<ProfiledKind, readonly ProfileField[]>> = {
  organisation: ['name', 'viewType', ...URLS, ...TARGETS],
  deployment: ['name', ...URLS, ...APPS, ...TARGETS, 'offboardingReasons'],
};

/** An organisation or a deployment, as the API shows it. */
export interface Profile {
  name: string;
  viewType?: string;
  privacyPolicyUrl: string | null;
  termsUrl: string | null;
  appStoreUrl?: string | null;
  playStoreUrl?: string | null;
  targets: { patients?: number | null; staff?: number | null };
  offboardingReasons?: readonly string[];
}

/** The fields of a form for the place as it is. */
export function fieldsOf(kind: ProfiledKind, { targets, offboardingReasons = [], ...profile }: Profile): ProfileFields {
  const texts: Record<ProfileField, string> = {
    name: profile.name,
    viewType: profile.viewType ?? '',
    privacyPolicyUrl: profile.privacyPolicyUrl ?? '',
    termsUrl: profile.termsUrl ?? '',
    appStoreUrl: profile.appStoreUrl ?? '',
    playStoreUrl: profile.playStoreUrl ?? '',
    plannedPatients: String(targets.patients ?? ''),
    plannedStaff: String(targets.staff ?? ''),
    offboardingReasons: offboardingReasons.join('\n'),
  };
  return pick(kind, texts);
}

/** The typed fields as a body of the API. An empty field means none, and each line of the reasons is one. */
export function bodyOf(kind: ProfiledKind, fields: ProfileFields): object {
  const text = (field: ProfileField): string => (fields[field] ?? '').trim();
  const orNull = (field: ProfileField): string | null => text(field) || null;
  const shared = {
    name: text('name'),
    ...Object.fromEntries(URLS.map((field) => [field, orNull(field)])),
    targets: { patients: orNull('plannedPatients'), staff: orNull('plannedStaff') },
  };
  if (kind === 'organisation') return { ...shared, viewType: text('viewType') };
  return {
    ...shared,
    ...Object.fromEntries(APPS.map((field) => [field, orNull(field)])),
    offboardingReasons: linesIn(text('offboardingReasons')),
  };
}

const FIELD_OF: Readonly<Record<string, ProfileField>> = {
  'targets.patients': 'plannedPatients',
  'targets.staff': 'plannedStaff',
};

/** The field errors of a refused body; null for any other error. */
export function profileErrors(error: unknown): BadField[] | null {
  const bad = badFieldsOf(error)?.map(({ field }) => FIELD_OF[field] ?? (field as ProfileField));
  return bad?.map((field): BadField => ({ field, text: `settings.errors.${field}` as TextKey })) ?? null;
}

/** What a form shows after somebody else changed the place. */
interface Merged {
  fields: ProfileFields;
  /** The fields that both changed. The form keeps what its visitor typed there. */
  conflicts: ProfileField[];
}

/**
 * Joins the typed fields with the present ones: those that the visitor left as they read them show what is saved now.
 * @param read the fields as the visitor read them
 */
export function mergedFields(
  kind: ProfiledKind,
  { typed, read, saved }: Record<'typed' | 'read' | 'saved', ProfileFields>,
): Merged {
  const conflicts: ProfileField[] = [];
  const fields = PROFILE_FIELDS[kind].map((field) => {
    const [mine, before, now] = [typed, read, saved].map((each) => comparable(each[field]));
    if (mine !== before && now !== before && mine !== now) conflicts.push(field);
    return [field, mine === before ? saved[field] : typed[field]] as const;
  });
  return { fields: Object.fromEntries(fields), conflicts };
}

/** The fields in a hidden field of the form. Anything else than the form's own text reads as empty fields. */
export function readFields(kind: ProfiledKind, json: string): ProfileFields {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return pick(kind, value as Record<string, unknown>);
  } catch {
    // The visitor then gets every field that differs as a conflict.
  }
  return {};
}

function pick(kind: ProfiledKind, values: Readonly<Record<string, unknown>>): ProfileFields {
  const fields = PROFILE_FIELDS[kind].flatMap((field) => {
    const value = values[field];
    return typeof value === 'string' ? [[field, value] as const] : [];
  });
  return Object.fromEntries(fields);
}

function linesIn(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Browsers send line breaks as two characters. */
function comparable(text = ''): string {
  return text.replaceAll('\r\n', '\n').trim();
}
