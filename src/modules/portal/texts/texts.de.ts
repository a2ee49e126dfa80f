import { ACCOUNT_GERMAN } from './account.de.js';
import { ADMINISTRATION_GERMAN } from './administration.de.js';
import { GROUPS_GERMAN } from './groups/groups.de.js';
import { HISTORY_GERMAN } from './history.de.js';
import { INVITE_GERMAN } from './invite.de.js';
import { OPERATIONS_GERMAN } from './operations.de.js';
import { PATIENTS_GERMAN } from './patients.de.js';
import { ROLES_GERMAN } from './roles.de.js';
import { SHELL_GERMAN } from './shell.de.js';
import { STAFF_GERMAN } from './staff.de.js';
import type { TextKey } from './texts.en.js';

/** The texts of pages in German. */
export const GERMAN: Readonly<Record<TextKey, string>> = {
  ...ACCOUNT_GERMAN,
  ...ADMINISTRATION_GERMAN,
  ...GROUPS_GERMAN,
  ...HISTORY_GERMAN,
  ...INVITE_GERMAN,
  ...OPERATIONS_GERMAN,
  ...PATIENTS_GERMAN,
  ...ROLES_GERMAN,
  ...SHELL_GERMAN,
  ...STAFF_GERMAN,
  'layout.skip': 'Zum Inhalt springen',
  'layout.nav': 'Hauptmenü',
  'layout.home': 'Start',
  'layout.mailbox': 'Postfach',
  'layout.docs': 'API-Referenz',
  'layout.footer': 'Rolecall: wer welche Rolle hat, von wem, seit wann und warum.',

  'errors.prefix': 'Fehler:',
  'errors.title': 'Bitte prüfen Sie Ihre Angaben',
  'errors.name': 'Geben Sie Ihren Namen ein, höchstens 200 Zeichen',
  'errors.password': 'Geben Sie ein Passwort mit {{passwordMin}} bis {{passwordMax}} Zeichen ein',
  'errors.email': 'Geben Sie Ihre E-Mail-Adresse ein, zum Beispiel ann@example.org',
  'errors.newAddress': 'Geben Sie Ihre neue E-Mail-Adresse ein, zum Beispiel ann@example.org',
  'errors.currentPassword': 'Geben Sie Ihr Passwort ein',
  'errors.invitation-changed':
    'Das Angebot hat sich geändert, seit Sie diese Seite geöffnet haben. Lesen Sie es noch einmal, bevor Sie annehmen',
  'errors.signInFailed': 'Die Adresse oder das Passwort ist falsch',
  'errors.signInFailedHere': 'Dieses Passwort ist falsch',
  'errors.password-not-text': 'Dieses Passwort enthält ein beschädigtes Zeichen: Geben Sie es noch einmal ein',
  'errors.password-blank': 'Geben Sie ein Passwort ein, das nicht nur aus Leerzeichen besteht',
  'errors.password-too-common': 'Dieses Passwort ist zu verbreitet und leicht zu erraten: Wählen Sie ein anderes',
  'errors.password-is-address': 'Ihr Passwort darf nicht Ihre E-Mail-Adresse sein: Wählen Sie ein anderes',
  'errors.tooBusy': 'Gerade melden sich zu viele Menschen an: Versuchen Sie es gleich noch einmal',
  'errors.tooManyAttempts': 'Zu viele Fehlversuche. Warten Sie {{minutes}} Minuten, und versuchen Sie es dann erneut',

  'field.email': 'E-Mail-Adresse',
  'field.newAddress': 'Neue E-Mail-Adresse',
  'field.name': 'Ihr Name',
  'field.password': 'Passwort',
  'field.currentPassword': 'Jetziges Passwort',
  'field.newPassword': 'Neues Passwort',
  'field.newPasswordHint':
    'Mindestens {{passwordMin}} Zeichen. Mehrere Wörter ohne Zusammenhang sind leicht zu merken und schwer zu erraten.',

  'password.show': 'Zeigen',
  'password.short': 'Zu kurz',
  'password.weak': 'Schwaches Passwort',
  'password.fair': 'Mäßiges Passwort',
  'password.good': 'Gutes Passwort',
  'password.strong': 'Starkes Passwort',

  'scope.platform': 'Plattform',
  'scope.organisation': 'Organisation',
  'scope.deployment': 'Programm',
  'scope.group': 'Gruppe',

  'grant.label.staff': 'Rolle',
  'grant.staff': '{{roleName}}',
  'grant.label.patient': 'Rolle',
  'grant.patient': 'Patientin oder Patient',
  'grant.label.observer': 'Gast',
  'grant.observer': 'Beobachtend: Sie sehen das Programm, aber niemanden darin',
  'grant.programme': 'Programm',
  'grant.label.groupMember': 'Sie dürfen',
  'grant.groupMember':
    'ansehen und herunterladen{{#if contentCreator}}; anlegen, bearbeiten und hochladen{{/if}}{{#if administrator}}; Mitglieder einladen und verwalten{{/if}}',

  'invitation.title':
    '{{#if inviterName}}{{inviterName}} lädt Sie {{#if isGroup}}in die Gruppe{{else}}zu{{/if}} {{place}} ein{{else}}Einladung {{#if isGroup}}in die Gruppe{{else}}zu{{/if}} {{place}}{{/if}}',
  'invitation.eyebrow': 'Einladung',
  'invitation.messageFrom': '{{#if inviterName}}{{inviterName}} schreibt{{else}}Nachricht{{/if}}',
  'invitation.inviter': 'Eingeladen von',
  'invitation.for': 'Für',
  'invitation.expires': 'Gültig bis',

  'accept.newTitle': 'Mit einem neuen Konto annehmen',
  'accept.newText':
    'Ihr Name wird denen dort angezeigt, die ihn sehen dürfen. Sie melden sich mit Ihrer E-Mail-Adresse und diesem Passwort an.',
  'accept.newButton': 'Annehmen und Konto anlegen',
  'accept.signInTitle': 'Zum Annehmen anmelden',
  'accept.signInText':
    'Zu dieser Adresse gibt es ein Konto. Melden Sie sich an; danach bestätigen Sie, dass Sie annehmen.',
  'accept.signInButton': 'Anmelden',
  'accept.confirmTitle': 'Nehmen Sie an?',
  'accept.confirmText': 'Sie sind als {{email}} angemeldet.',
  'accept.confirmButton': 'Einladung annehmen',
  'accept.wrongTitle': 'Sie sind als jemand anderes angemeldet',
  'accept.wrongText':
    'Diese Einladung ist für {{email}}, angemeldet sind Sie aber als {{#if viewerEmail}}{{viewerEmail}}{{else}}eine andere Person{{/if}}. Melden Sie sich ab, um fortzufahren; die Einladung bleibt erhalten.',
  'accept.wrongButton': 'Abmelden und fortfahren',

  'decline.summary': 'Ich möchte diese Einladung nicht',
  'decline.text':
    'Wenn Sie ablehnen, funktioniert dieser Link nicht mehr. Wer die Einladungen verwaltet, sieht, dass Sie abgelehnt haben. Sie können später wieder eingeladen werden.',
  'decline.button': 'Einladung ablehnen',
  'decline.title': 'Einladung{{#if isGroup}} in die Gruppe {{else}}: {{/if}}{{place}}. Ablehnen?',
  'decline.sure':
    'Noch ist nichts geschehen. Wenn Sie ablehnen, ist die Einladung geschlossen. Wer die Einladungen verwaltet, sieht, dass Sie abgelehnt haben.',
  'decline.confirm': 'Ja, ablehnen',
  'decline.back': 'Nein, zurück',
  'declined.title': 'Sie haben abgelehnt',
  'declined.eyebrow': 'Einladung',
  'declined.text':
    'Die Einladung ist geschlossen, ihr Link funktioniert nicht mehr. Sie können diese Seite schließen. Falls Sie es sich anders überlegen, bitten Sie um eine neue Einladung.',

  'welcome.title': 'Willkommen{{#if isGroup}} in der Gruppe {{else}}: {{/if}}{{place}}',
  'welcome.eyebrow': 'Einladung angenommen',
  'welcome.text':
    'Sie sind angemeldet. {{#if roleName}}Ihre neue Rolle ist aktiv.{{else}}Ihr neuer Zugang ist aktiv.{{/if}}',
  'welcome.link': 'Zu Ihrer Startseite',

  'join.title': 'An {{place}} teilnehmen',
  'join.eyebrow': 'Für Patientinnen und Patienten',
  'join.text':
    'Geben Sie Ihre E-Mail-Adresse ein. Sie erhalten eine E-Mail mit einer persönlichen Einladung. Damit legen Sie Ihr Konto an.',
  'join.button': 'Einladung anfordern',
  'join.until': 'Diese Seite ist bis {{dateTime expiresAt}} offen.',
  'join-asked.title': 'Sehen Sie in Ihrem Posteingang nach',
  'join-asked.text':
    'Wenn Sie eingeladen werden können, ist eine Nachricht mit Ihrer Einladung unterwegs. Sie gilt 24 Stunden.',
  'join-asked.again':
    'Keine E-Mail erhalten? Sehen Sie im Spam-Ordner nach, prüfen Sie die Adresse, oder fragen Sie Ihr Behandlungsteam.',

  'unsubscribe.title':
    '{{#if isUnsubscribed}}Keine Einladungen per E-Mail mehr von {{organisationName}}{{else}}Keine Einladungen per E-Mail mehr von {{organisationName}}?{{/if}}',
  'unsubscribe.eyebrow': 'Ihre E-Mails',
  'unsubscribe.text': '{{organisationName}} schickt Ihnen dann keine Einladungen und Erinnerungen mehr per E-Mail.',
  'unsubscribe.button': 'Abbestellen',
  'unsubscribe.done': '{{organisationName}} schickt Ihnen keine Einladungen und Erinnerungen mehr per E-Mail.',
  'unsubscribe.undo': 'Diese E-Mails wieder erhalten',
  'unsubscribe.stands':
    'Ihre offenen Einladungen bleiben offen. Wenn Sie eine Einladung dieser Organisation annehmen, erhalten Sie diese E-Mails wieder.',

  'sign-in.title': 'Anmelden',
  'sign-in.button': 'Anmelden',
  'sign-in.noAccount': 'Noch kein Konto? Öffnen Sie den Link in Ihrer Einladungsmail.',
  'sign-in.forgotten': 'Passwort vergessen?',

  'password-forgotten.title': 'Passwort vergessen?',
  'password-forgotten.text':
    'Geben Sie Ihre E-Mail-Adresse ein. Sie erhalten eine Nachricht mit einem Link zu einem neuen Passwort.',
  'password-forgotten.button': 'Link senden',
  'password-forgotten.back': 'Zurück zur Anmeldung',
  'password-asked.title': 'Sehen Sie in Ihr Postfach',
  'password-asked.text':
    'Wenn diese Adresse hier bekannt ist, ist eine Nachricht unterwegs. Ihr Link gilt einmal und eine Stunde lang. Wenn Sie noch kein Konto haben, erhalten Sie Ihre Einladung noch einmal.',
  'password-asked.again': 'Keine Nachricht? Sehen Sie im Spam-Ordner nach, und prüfen Sie die Adresse.',
  'password-reset.title': 'Neues Passwort wählen',
  'password-reset.button': 'Neues Passwort speichern',
  'password-reset.until': 'Das geht bis {{dateTime expiresAt}}. Sie sind danach überall abgemeldet.',
  'password-chosen.title': 'Ihr neues Passwort ist gespeichert',
  'password-chosen.text': 'Sie sind überall abgemeldet. Melden Sie sich mit Ihrem neuen Passwort an.',

  'address-confirm.title': 'Neue E-Mail-Adresse bestätigen',
  'address-confirm.text':
    'Das Konto, für das dies angefordert wurde, erhält diese E-Mail-Adresse. Sie melden sich dann damit an.',
  'address-confirm.button': 'Diese Adresse bestätigen',
  'address-confirm.until':
    'Das geht bis {{dateTime expiresAt}}. Wenn Sie das nicht angefordert haben, schließen Sie diese Seite: Es ändert sich nichts.',
  'address-changed.title': 'Ihre neue E-Mail-Adresse ist gespeichert',
  'address-changed.text':
    'Von jetzt an melden Sie sich mit dieser Adresse an. Ihre bisherige Adresse haben wir benachrichtigt. Von dort lässt sich die Änderung 7 Tage lang rückgängig machen.',
  'address-changed.link': 'Zur Startseite',
  'address-undo.title': 'Änderung Ihrer E-Mail-Adresse rückgängig machen?',
  'address-undo.text':
    'Ihr Konto erhält diese E-Mail-Adresse zurück. Wählen Sie auch ein neues Passwort, denn vielleicht kennt jemand das jetzige.',
  'address-undo.button': 'Änderung rückgängig machen',
  'address-undo.until': 'Das geht bis {{dateTime undoUntil}}. Sie sind danach überall abgemeldet.',
  'address-undone.title': 'Die Änderung ist rückgängig gemacht',
  'address-undone.text':
    'Ihr Konto hat wieder seine bisherige E-Mail-Adresse. Sie sind überall abgemeldet. Melden Sie sich mit Ihrem neuen Passwort an.',

  'home.title': '{{#if name}}{{name}}{{else}}Ihr Konto{{/if}}',
  'home.eyebrow': 'Angemeldet als',
  'home.signOut': 'Abmelden',
  'home.invitations': 'Ihre Einladungen',
  'home.invitedBy': 'eingeladen von {{inviterName}}',
  'home.until': 'gültig bis {{dateTime expiresAt}}',
  'home.useTheLink':
    'Öffnen Sie zum Annehmen den Link in der E-Mail der Einladung. Das zeigt, dass das Postfach noch Ihres ist.',
  'home.accept': 'Annehmen',
  'home.decline': 'Ablehnen',
  'home.enrolments': 'Ihre Programme',
  'home.enrolledOn': 'aufgenommen am {{day since}}',
  'home.enrolment.active': 'Sie nehmen teil',
  'home.enrolment.offboarded': 'Ihre Teilnahme ist beendet',
  'home.reason': 'Grund: {{reason}}',
  'home.groups': 'Ihre Gruppen',
  'home.guestOf': 'Wo Sie Gast sind',
  'home.roles': 'Ihre Rollen',
  'home.since': 'seit {{day since}}',
  'home.noRoles': 'Sie haben derzeit keine Rolle.',

  'mailbox.title': 'Postfach',
  'mailbox.text':
    'Es ist kein Mailserver eingerichtet, deshalb bleiben Mails hier und werden nicht verschickt. Nur Super-Admins sehen diese Seite.',
  'mailbox.empty': 'Noch keine Mails.',
  'mailbox.gone': 'Nicht mehr gültig',
  'mailbox.to': 'An {{#if recipient}}{{recipient}}{{else}}jemanden, der nicht mehr bekannt ist{{/if}}',
  'mailbox.older': 'Ältere Mails',
  'mailbox.state.pending': 'wartet',
  'mailbox.state.sent': 'hier zugestellt',
  'mailbox.state.failed': 'fehlgeschlagen',
  'mailbox.state.dropped': 'nicht verschickt: nicht mehr nötig',
  'mailbox.state.address-invalid': 'nicht verschickt: die Adresse ist ungültig',
  'mailbox.state.unsubscribed': 'nicht verschickt: abbestellt',

  'mail.title': '{{#if subject}}{{subject}}{{else}}Diese Mail gilt nicht mehr{{/if}}',
  'mail.back': 'Alle Mails',
  'mail.to': 'An',
  'mail.at': 'Wann',
  'mail.state': 'Zustand',
  'mail.html': 'Als HTML',
  'mail.text': 'Als reiner Text',
  'mail.gone':
    'Ihre Einladung ist nicht mehr offen: Sie wurde angenommen, abgelehnt, zurückgezogen oder erneut verschickt, oder sie ist abgelaufen. Links werden nie gespeichert, deshalb lässt sich die Mail nicht mehr zeigen.',

  'problem.newLink': 'Neuen Link anfordern',
  'invitation.about': 'Zu dieser Einladung',
  'invitation.may': 'Mit dieser Rolle dürfen Sie',
  'invitation.policies': 'Bitte lesen Sie:',
  'app.title': 'In der App teilnehmen',
  'app.open': 'In der App öffnen',
  'app.appStore': 'App Store',
  'app.playStore': 'Google Play',
  'app.without': 'Sie können auch hier ohne die App fortfahren.',
  'join-asked.back': 'Eine andere Adresse eingeben',
  'problem.kept': 'Ihre Eingaben bleiben auf dieser Seite erhalten, außer Passwörtern.',
  'problem.again': 'Noch einmal senden',
  'problem.home': 'Zur Startseite',
  'problem.requestId': 'Wenn Sie um Hilfe bitten, nennen Sie diese Nummer: {{requestId}}',
  'problem.link-not-found.title': 'Dieser Link funktioniert nicht',
  'problem.link-not-found.text':
    'Vielleicht fehlt ein Teil davon. Kopieren Sie die ganze Adresse, oder scannen Sie den Code noch einmal.',
  'problem.link-expired.title': 'Dieser Link ist abgelaufen',
  'problem.link-expired.text': 'Bitten Sie Ihr Behandlungsteam um eine Einladung oder einen neueren Link.',
  'problem.link-revoked.title': 'Dieser Link wurde zurückgezogen',
  'problem.link-revoked.text': 'Bitten Sie Ihr Behandlungsteam um eine Einladung oder einen anderen Link.',
  'problem.link-stopped.title': 'Dieser Link gilt nicht mehr',
  'problem.link-stopped.text': 'Bitten Sie Ihr Behandlungsteam um eine Einladung oder einen anderen Link.',
  'problem.link-used-up.title': 'Alle Plätze sind vergeben',
  'problem.link-used-up.text': 'Über diesen Link kann niemand mehr teilnehmen. Fragen Sie Ihr Behandlungsteam.',
  'problem.too-many-requests.title': 'Zu viele Anfragen',
  'problem.too-many-requests.text': 'Warten Sie eine Weile, und versuchen Sie es dann noch einmal.',
  'problem.offboarded.title': 'Ihre Teilnahme ist beendet',
  'problem.offboarded.text': 'Sie sind hier nicht mehr aufgenommen. Die Startseite nennt den Grund.',
  'problem.invitation-not-found.title': 'Dieser Link führt zu keiner Einladung',
  'problem.invitation-not-found.text':
    'Vielleicht fehlt ein Teil davon. Öffnen Sie den Link in der Mail noch einmal, oder kopieren Sie die ganze Adresse.',
  'problem.invitation-expired.title': 'Diese Einladung ist abgelaufen',
  'problem.invitation-expired.text':
    'Bitten Sie die Person, die Sie eingeladen hat, sie erneut zu senden: Sie erhalten dann eine Mail mit einem neuen Link.',
  'problem.invitation-superseded.title': 'Es gibt einen neueren Link',
  'problem.invitation-superseded.text':
    'Die Einladung wurde erneut gesendet, und nur der neueste Link funktioniert. Suchen Sie nach einer späteren Mail.',
  'problem.invitation-revoked.title': 'Diese Einladung wurde zurückgezogen',
  'problem.invitation-revoked.text':
    'Der Link funktioniert nicht mehr. Wenn Sie das für einen Irrtum halten, fragen Sie die Person, die Sie eingeladen hat.',
  'problem.invitation-declined.title': 'Diese Einladung wurde abgelehnt',
  'problem.invitation-declined.text':
    'Der Link funktioniert nicht mehr. Falls Sie es sich anders überlegt haben, bitten Sie um eine neue Einladung.',
  'problem.invitation-accepted.title': 'Diese Einladung wurde schon angenommen',
  'problem.invitation-accepted.text':
    'Hier ist nichts mehr zu tun. Die Startseite zeigt Ihre Rollen, Gruppen und Programme. Melden Sie sich dort mit Ihrer E-Mail-Adresse und Ihrem Passwort an, falls Sie nicht angemeldet sind.',
  'problem.inviter-lost-authority.title': 'Diese Einladung muss erneut gesendet werden',
  'problem.inviter-lost-authority.text':
    'Die Person, die sie gesendet hat, darf diese Rolle nicht mehr vergeben. Bitten Sie dort jemanden aus der Verwaltung, sie erneut zu senden. Sie erhalten dann einen neuen Link.',
  'problem.use-the-link.title': 'Öffnen Sie den Link in der E-Mail',
  'problem.use-the-link.text':
    'Sie haben hier zurzeit keine Rolle, keine Gruppe und kein Programm. Öffnen Sie zum Annehmen den Link in der E-Mail dieser Einladung; das zeigt, dass das Postfach noch Ihres ist.',
  'problem.scope-archived.title': 'Dies ist zurzeit archiviert',
  'problem.scope-archived.text':
    'Solange es archiviert ist, kann niemand beitreten. Falls Sie eine Einladung haben, bleibt sie offen. Fragen Sie die Person, die Sie eingeladen oder Ihnen den Link gegeben hat.',
  'problem.not-found.title': 'Hier ist nichts',
  'problem.not-found.text': 'Vielleicht ist die Adresse vertippt, oder was hier war, gibt es nicht mehr.',
  'problem.forbidden.title': 'Das dürfen Sie nicht sehen',
  'problem.forbidden.text': 'Ihre Rolle umfasst diese Seite nicht.',
  'problem.origin-not-allowed.title': 'Das kam nicht von unserer Seite',
  'problem.origin-not-allowed.text': 'Nichts wurde geändert. Öffnen Sie die Seite hier und versuchen Sie es erneut.',
  'problem.too-many-conflicts.title': 'Jemand anderes hat das geändert',
  'problem.too-many-conflicts.text': 'Jemand hat im selben Moment dasselbe geändert. Versuchen Sie es erneut.',
  'problem.password-reset-not-found.title': 'Dieser Link funktioniert nicht',
  'problem.password-reset-not-found.text':
    'Vielleicht fehlt ein Teil. Kopieren Sie die ganze Adresse aus der Nachricht.',
  'problem.password-reset-expired.title': 'Dieser Link ist abgelaufen',
  'problem.password-reset-expired.text': 'Sie können einen neuen anfordern.',
  'problem.password-reset-superseded.title': 'Es gibt einen neueren Link',
  'problem.password-reset-superseded.text': 'Nehmen Sie den Link in der neuesten Nachricht.',
  'problem.password-reset-used.title': 'Das Passwort wurde geändert',
  'problem.password-reset-used.text':
    'Dieser Link gilt einmal. Brauchen Sie wieder ein neues Passwort, fordern Sie einen neuen Link an.',
  'problem.address-taken.title': 'Diese Adresse gehört jemand anderem',
  'problem.address-taken.text':
    'Zu ihr gibt es ein eigenes Konto oder eine eigene Einladung. Es wurde nichts geändert, und Personen werden nie zusammengelegt.',
  'problem.address-change-not-found.title': 'Dieser Link funktioniert nicht',
  'problem.address-change-not-found.text':
    'Vielleicht fehlt ein Teil. Kopieren Sie die ganze Adresse aus der Nachricht.',
  'problem.address-change-expired.title': 'Dieser Link ist abgelaufen',
  'problem.address-change-expired.text':
    'Es wurde nichts geändert. Auf der Seite Ihres Kontos können Sie die Änderung noch einmal anfordern.',
  'problem.address-change-superseded.title': 'Es gibt einen neueren Link',
  'problem.address-change-superseded.text': 'Nehmen Sie den Link in der neuesten Nachricht.',
  'problem.address-change-used.title': 'Dieser Link wurde schon benutzt',
  'problem.address-change-used.text': 'Die Adresse oder das Passwort wurde geändert, seit er gesendet wurde.',
  'problem.address-undo-not-found.title': 'Dieser Link funktioniert nicht',
  'problem.address-undo-not-found.text': 'Vielleicht fehlt ein Teil. Kopieren Sie die ganze Adresse aus der Nachricht.',
  'problem.address-undo-expired.title': 'Dieser Link ist abgelaufen',
  'problem.address-undo-expired.text':
    'Die Änderung lässt sich nicht mehr selbst rückgängig machen. Bitten Sie jemanden aus der Verwaltung Ihrer Organisation um Hilfe.',
  'problem.address-undo-used.title': 'Die Änderung ist schon rückgängig gemacht',
  'problem.address-undo-used.text': 'Hier ist nichts mehr zu tun. Melden Sie sich mit Ihrer bisherigen Adresse an.',
  'problem.second-factor-needed.title': 'Ein weiterer Schritt ist nötig',
  'problem.second-factor-needed.text':
    'Ihr Konto verlangt einen zweiten Faktor, nach dem diese Seite noch nicht fragen kann.',
  'problem.other.title': 'Das hat nicht geklappt',
  'problem.other.text': 'Bitte versuchen Sie es in einem Augenblick noch einmal.',
};
