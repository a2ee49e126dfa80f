import type { ROLES_ENGLISH } from './roles.en.js';

/** The texts of the pages about roles, in German. */
export const ROLES_GERMAN: Readonly<Record<keyof typeof ROLES_ENGLISH, string>> = {
  'roles.title': 'Rollen',
  'role.title': '{{#if role}}{{role.name}}{{else}}Neue Rolle{{/if}}',
  'shell.editRoles': 'Rollen bearbeiten',
  'roles.create': 'Rolle anlegen',
  'roles.matrix': 'Was jede Rolle darf',
  'roles.permission': 'Berechtigung',
  'roles.custom': 'eigene',
  'roles.yes': 'Ja',
  'roles.no': 'Nein',
  'roles.what': 'Name und Berechtigungen',
  'roles.name': 'Name der Rolle',
  'roles.nameHint': 'Einmalig in der Organisation, zum Beispiel „Nachtdienst“.',
  'roles.may': 'Wer sie hat, darf',
  'roles.atOnce': 'Eine Änderung gilt sofort für alle, die diese Rolle haben.',
  'roles.deleteTitle': 'Diese Rolle löschen',
  'roles.deleteText':
    'Wenn jemand die Rolle hat oder dazu eingeladen ist, wählen Sie die Rolle, die an ihre Stelle tritt.',
  'roles.moveTo': 'Wer sie hat, bekommt',
  'roles.noSuccessor': 'Niemand hat sie',
  'roles.delete': 'Rolle löschen',
  'roles.errors.name': 'Geben Sie einen Namen mit höchstens 100 Zeichen ein',
  'roles.errors.nameTaken': 'Eine andere Rolle hat diesen Namen',
  'roles.errors.permissions': 'Wählen Sie Berechtigungen aus der Liste',
  'roles.errors.missing': 'Sie können nur Berechtigungen hinzufügen, die Sie selbst haben',
  'roles.errors.own': 'Niemand bearbeitet eine Rolle, die er selbst hat',
  'staff.done.roleSaved': 'Die Rolle ist gespeichert.',
  'staff.done.roleDeleted': 'Die Rolle ist gelöscht.',
  'staff.failed.role-in-use':
    'Jemand hat diese Rolle oder ist dazu eingeladen. Wählen Sie die Rolle, die an ihre Stelle tritt.',
};
