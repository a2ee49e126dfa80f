import type { SHELL_ENGLISH } from './shell.en.js';

/** The texts of the frame and of the pages of places, in German. */
export const SHELL_GERMAN: Readonly<Record<keyof typeof SHELL_ENGLISH, string>> = {
  'shell.open': 'Menü öffnen',
  'shell.close': 'Schließen',
  'shell.offline':
    'Der Server war nicht zu erreichen. Ihre Eingaben sind noch da. Versuchen Sie es gleich noch einmal.',
  'shell.place': 'Wo Sie sind',
  'shell.findPlace': 'Organisation oder Programm suchen',
  'shell.yourPlaces': 'Ihre Orte',
  'shell.allPlaces': 'Alle Orte',
  'shell.account': 'Mein Konto',
  'shell.you': 'Sie',
  'shell.overview': 'Übersicht',
  'shell.organisations': 'Organisationen',
  'shell.admin': 'Verwaltung',
  'shell.search': 'Suchen',
  'shell.more': 'Mehr anzeigen',

  'weeks.title.staff': 'Einladungen an Personal nach Wochen',
  'weeks.title.patient': 'Einladungen an Patienten nach Wochen',
  // A soft hyphen, so that the head of the table fits a phone.
  'weeks.sent': 'Ge\u00ADsendet',
  'weeks.accepted': 'Ange\u00ADnommen',
  'weeks.expired': 'Abge\u00ADlaufen',
  'weeks.text':
    'Balken für jede der letzten {{count}} Wochen. Insgesamt: {{sent}} gesendet, {{accepted}} angenommen, {{expired}} abgelaufen. Der höchste Balken steht für {{most}}. Die Tabelle darunter hat jede Zahl.',
  'weeks.numbers': 'Zahlen anzeigen',
  'weeks.week': 'Woche ab',
  'weeks.hint':
    'Eine Woche beginnt am Montag um 0:00 Uhr UTC. Eine erneut gesendete Einladung zählt einmal als gesendet.',

  'places.title': 'Ihre Orte',
  'places.name': 'Name',
  'places.kind': 'Art',
  'places.state': 'Zustand',
  'places.nothing': 'Kein Name enthält „{{q}}“',
  'places.nothingText': 'Prüfen Sie die Schreibweise, oder suchen Sie nach einem anderen Teil des Namens.',
  'places.showAll': 'Alle anzeigen',
  'places.none': 'Sie haben noch keinen Ort',
  'places.noneText': 'Wenn Sie eine Einladung in eine Organisation oder ein Programm annehmen, finden Sie es hier.',

  'place.title': '{{#if place.name}}{{place.name}}{{/if}}',
  'place.active': 'Aktiv',
  'place.archived': 'Archiviert',
  'place.archivedText':
    'Hier lässt sich nichts ändern, und niemand kann beitreten. Lesen geht weiterhin. Ein Super-Admin kann es wiederherstellen.',
  'place.deployments': 'Programme',
  'place.findDeployment': 'Programm suchen',
  'place.noDeployments': 'Noch keine Programme',
  'place.noDeploymentsText':
    'Ein Programm ist ein Versorgungsprogramm der Organisation. Dort sind Patientinnen, Patienten und Personal.',
  'place.inviteStaff': 'Personal einladen',
  'place.expired': 'Abgelaufene Einladungen an Personal',
  'place.mailFailed': 'Einladungen an Personal, deren Mail fehlschlug',
  'place.patients': 'Aktive Patienten',
  'place.plannedPatients': 'Geplante Patienten',
  'place.staff': 'Eigenes Personal',
  'place.plannedStaff': 'Geplantes Personal',
  'place.policies': 'Richtlinien',
  'place.privacyPolicy': 'Datenschutzerklärung',
  'place.terms': 'Nutzungsbedingungen',

  'other-account.title': 'Dies wurde nicht gesendet',
  'other-account.signedIn':
    'Sie sind jetzt als {{name}} angemeldet, aber ein anderes Konto hat dieses Formular ausgefüllt. Es wurde nichts geändert.',
  'other-account.signedOut': 'Sie sind abgemeldet. Es wurde nichts geändert.',
  'other-account.signIn': 'In einem anderen Tab anmelden',
  'other-account.kept':
    'Ihre Eingaben bleiben auf dieser Seite erhalten, außer Passwörtern. Um sie mit dem ersten Konto zu senden, melden Sie sich mit ihm in einem anderen Tab an und senden Sie sie dann hier.',
  'other-account.again': 'Mit dem ersten Konto senden',
  'other-account.asOther': 'Als {{name}} senden',
};
