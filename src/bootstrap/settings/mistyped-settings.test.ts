import { SETTINGS } from '../config.js';
import { mistypedSettings } from './mistyped-settings.js';

const KNOWN = ['DATABASE_URL', 'SMTP_URL', 'PORT'];

it.each([
  ['DATABSE_URL', 'DATABASE_URL'],
  ['DATABASE_URLS', 'DATABASE_URL'],
  ['DATABASE-URL', 'DATABASE_URL'],
  ['DATABASEU_RL', 'DATABASE_URL'],
  ['SMTP_UR', 'SMTP_URL'],
])('takes %s for a mistyped %s', (name, meant) => {
  expect(mistypedSettings([name], KNOWN)).toEqual([[name, meant]]);
});

it.each(['DATABASE_URL', 'SMTP', 'POTR', 'SORT', 'DATABAS_UR', 'PGDATABASE', ''])(
  'takes "%s" for no mistyped setting',
  (name) => {
    expect(mistypedSettings([name], KNOWN)).toEqual([]);
  },
);

it('takes no setting for another setting, mistyped', () => {
  const names = Object.keys(SETTINGS);
  expect(mistypedSettings(names, names)).toEqual([]);
});
