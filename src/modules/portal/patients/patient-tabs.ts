import type { PeoplePlace } from '../shell/people-place.js';
import { pathOf } from '../shell/place.js';

/** The tabs of the pages about the patients of a deployment. Links are for who may invite patients. */
export function patientTabs({ ref, effectivePermissions }: PeoplePlace, current: 'patients' | 'links' | 'batches') {
  const path = `${pathOf(ref)}/patients`;
  const tabs = [
    { path, label: 'patients.title' as const, current: current === 'patients' },
    { path: `${path}/links`, label: 'patients.links' as const, current: current === 'links' },
    { path: `${path}/batches`, label: 'staff.batches' as const, current: current === 'batches' },
  ];
  return effectivePermissions.can('patients.manage') ? tabs : tabs.slice(0, 1);
}
