import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { read } from '../../../../../test/support/contact-file/contact-file-support.js';

const FOLDER = resolve(import.meta.dirname, '../../../../../test/fixtures/csv');

/** The entries of each file, as test/fixtures/csv/README.md describes them. */
const ANSWERS: Readonly<Record<string, string[]>> = {
  'first-column.csv': ['1 ada.byron@clinic.example', '2 grace.hopper@clinic.example', '3 alan.turing@clinic.example'],
  'first-column-header-crlf-bom.csv': ['2 ada.byron@clinic.example', '3 grace.hopper@clinic.example'],
  'outlook.csv': [
    '2 ada.byron@clinic.example',
    '2 ada@home.example',
    '4 grace.hopper@clinic.example',
    '5 no-address: No,,Mail,,,,,,,,,,,,,',
  ],
  'google-old.csv': [
    '2 ada.byron@clinic.example',
    '2 ada@home.example',
    '3 grace.hopper@clinic.example',
    '3 g.hopper@navy.example',
  ],
  'google-new.csv': ['2 ada.byron@clinic.example'],
  'excel-semicolon-cp1252.csv': ['2 zoe.lefevre@clinique.example', '3 joerg.mueller@klinik.example'],
  'excel-unicode-text-utf16.txt': ['2 ada.byron@clinic.example', '3 grace.hopper@clinic.example'],
  'messy.csv': [
    '2 Ada.Byron@Clinic.example',
    '3 ada.byron@clinic.example',
    '5 grace.hopper@clinic.example',
    '6 no-address: not an address',
    '7 invalid-address: alan@clinic',
    '8 invalid-address: =HYPERLINK("http://x.example","x")@clinic.example',
    '9 a@clinic.example',
    '9 b@clinic.example',
    '10 jürgen@köln.example',
  ],
};

describe('contact files as other programs export them', () => {
  it('all have an expected answer', () => {
    expect(
      readdirSync(FOLDER)
        .filter((name) => name !== 'README.md')
        .sort(),
    ).toEqual(Object.keys(ANSWERS).sort());
  });

  it.each(Object.keys(ANSWERS))('%s is read in chunks of every size', async (name) => {
    const file = readFileSync(join(FOLDER, name));
    for (const size of [file.length, 1000, 7, 1]) expect(await read(file, size)).toEqual(ANSWERS[name]);
  });
});
