import type { TextKey } from '../texts/texts.en.js';
import type { ProfiledKind } from './place-rights.js';
import { PROFILE_FIELDS, type ProfileField, type ProfileFields } from './profile-form.js';

/** How a field is typed. */
type Control = 'text' | 'url' | 'number' | 'lines' | 'viewType';

const CONTROLS: Readonly<Record<ProfileField, Control>> = {
  name: 'text',
  viewType: 'viewType',
  privacyPolicyUrl: 'url',
  termsUrl: 'url',
  appStoreUrl: 'url',
  playStoreUrl: 'url',
  plannedPatients: 'number',
  plannedStaff: 'number',
  offboardingReasons: 'lines',
};

const SECTIONS: readonly { legend: TextKey; fields: readonly ProfileField[] }[] = [
  { legend: 'settings.general', fields: ['name', 'viewType'] },
  { legend: 'settings.policies', fields: ['privacyPolicyUrl', 'termsUrl'] },
  { legend: 'settings.app', fields: ['appStoreUrl', 'playStoreUrl'] },
  { legend: 'settings.targets', fields: ['plannedPatients', 'plannedStaff'] },
  { legend: 'settings.offboarding', fields: ['offboardingReasons'] },
];

/** The fields of a form in sections: settings/parts/profile-form.hbs. */
export function profileSections(kind: ProfiledKind, fields: ProfileFields) {
  return SECTIONS.map(({ legend, fields: ids }) => ({
    legend,
    fields: ids
      .filter((id) => PROFILE_FIELDS[kind].includes(id))
      .map((id) => ({ id, control: CONTROLS[id], value: fields[id] ?? '' })),
  })).filter((section) => section.fields.length > 0);
}
