import { readdirSync } from 'node:fs';
import { basename } from 'node:path';

/** What a new contributor looks for, the words that the file's name must contain, and the file. */
const QUIZ: readonly [question: string, words: RegExp, file: string][] = [
  ['where an invitation is accepted', /accept/, 'modules/invitations/respond/accept-invitation.command.ts'],
  ['where an invitation is revoked', /revoke/, 'modules/invitations/manage/revoke-invitation.command.ts'],
  ['where an invitation is resent', /resend/, 'modules/invitations/manage/resend-invitation.command.ts'],
  ['what a dry run answers', /dry-run/, 'modules/invitations/invite/dry-run-preview.ts'],
  [
    'what an import preview answers',
    /import-preview/,
    'modules/invitations/invite/contact-file/import-preview.query.ts',
  ],
  ['where a patient is offboarded', /offboard/, 'modules/patients/enrolment/offboard-patient.command.ts'],
  ['where an organisation is archived', /archive/, 'modules/organisations/archive-organisation.command.ts'],
  ['where a file gets an exception', /file-exception/, 'modules/groups/files/change-file-exception.command.ts'],
  ['where a permission is checked', /permission|authorization/, 'modules/access/authorization.ts'],
  ['what an append condition is', /append-condition/, 'shared/event-sourcing/append-condition.ts'],
  ['where a conflict is retried', /optimistic-retry/, 'shared/event-sourcing/optimistic-retry.ts'],
  ['when a reminder is sent', /reminder/, 'modules/invitations/mails/invitation-reminder.ts'],
  ['how failed sign-ins are limited', /sign-in-limits/, 'modules/accounts/sign-in-limits.ts'],
  ['what exports an installation', /export/, 'cli/transfer/export-installation.ts'],
  ['the German texts', /\.de\./, 'modules/portal/texts/texts.de.ts'],
];

const FILES = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

describe('a new contributor finds with one ls', () => {
  it.each(QUIZ)('%s', (_question, words, file) => {
    expect(basename(file)).toMatch(words);
    expect(FILES).toContain(file);
  });
});
