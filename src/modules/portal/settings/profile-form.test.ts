import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { bodyOf, fieldsOf, mergedFields, profileErrors, readFields } from './profile-form.js';

const DEPLOYMENT = {
  name: 'Cardiac Rehabilitation',
  privacyPolicyUrl: 'https://example.org/privacy',
  termsUrl: null,
  appStoreUrl: null,
  playStoreUrl: 'https://example.org/android',
  targets: { patients: 120, staff: null },
  offboardingReasons: ['End of treatment', 'Moved away'],
};
const READ = fieldsOf('deployment', DEPLOYMENT);

describe('the form of a profile', () => {
  it('sends what it shows', () => {
    expect(bodyOf('deployment', READ)).toEqual({ ...DEPLOYMENT, targets: { patients: '120', staff: null } });
    const organisation = { name: 'X', viewType: 'dct', privacyPolicyUrl: null, termsUrl: null };
    expect(bodyOf('organisation', fieldsOf('organisation', { ...organisation, targets: {} }))).toEqual({
      ...organisation,
      targets: { patients: null, staff: null },
    });
  });

  it('reads each filled line as a reason, whatever the line breaks', () => {
    expect(bodyOf('deployment', { offboardingReasons: ' Moved away\r\n\r\n  \nOther ' })).toMatchObject({
      offboardingReasons: ['Moved away', 'Other'],
    });
  });

  it('names the field of each error', () => {
    const errors = ['name', 'targets.staff', 'offboardingReasons'].map((field) => ({ field, message: '' }));
    expect(profileErrors(new RuleBroken('invalid-input', { errors }))).toEqual([
      { field: 'name', text: 'settings.errors.name' },
      { field: 'plannedStaff', text: 'settings.errors.plannedStaff' },
      { field: 'offboardingReasons', text: 'settings.errors.offboardingReasons' },
    ]);
    expect(profileErrors(new RuleBroken('scope-archived'))).toBeNull();
  });
});

describe('a form that was opened before somebody else saved', () => {
  const saved = { ...READ, name: 'Cardiology', termsUrl: 'https://example.org/terms' };

  it('keeps what was typed, and shows what is saved in other fields', () => {
    const typed = { ...READ, plannedStaff: '7' };
    expect(mergedFields('deployment', { typed, read: READ, saved })).toEqual({
      fields: { ...saved, plannedStaff: '7' },
      conflicts: [],
    });
  });

  it('keeps what was typed in a field that both changed, and names the field', () => {
    const typed = { ...READ, name: 'Heart Rehabilitation' };
    expect(mergedFields('deployment', { typed, read: READ, saved })).toEqual({
      fields: { ...saved, name: 'Heart Rehabilitation' },
      conflicts: ['name'],
    });
  });

  it('has no conflict where both typed the same', () => {
    expect(mergedFields('deployment', { typed: { ...READ, name: 'Cardiology' }, read: READ, saved }).conflicts).toEqual(
      [],
    );
  });

  it('takes line breaks of a browser for no change', () => {
    const typed = { ...READ, offboardingReasons: 'End of treatment\r\nMoved away' };
    const now = { ...READ, offboardingReasons: 'Other' };
    expect(mergedFields('deployment', { typed, read: READ, saved: now })).toEqual({ fields: now, conflicts: [] });
  });

  it('takes every field that differs for a conflict, if it no longer says what was read', () => {
    for (const json of ['', '{', 'null', '[]', '{"name":5}']) {
      const read = readFields('deployment', json);
      const typed = { ...READ, name: 'Heart' };
      const { fields, conflicts } = mergedFields('deployment', { typed, read, saved });
      expect([fields['name'], conflicts]).toEqual(['Heart', ['name']]);
    }
  });
});
