import type { TextKey } from './texts.en.js';

/** The texts of pages in German. */
export const GERMAN: Readonly<Record<TextKey, string>> = {
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
  'errors.currentPassword': 'Geben Sie Ihr Passwort ein',
  'errors.signInFailed': 'Die Adresse oder das Passwort ist falsch',
  'errors.signInFailedHere': 'Dieses Passwort ist falsch',
  'errors.password-not-text': 'Dieses Passwort enthält ein halbes Zeichen: Geben Sie es noch einmal ein',
  'errors.password-blank': 'Geben Sie ein Passwort ein, das nicht nur aus Leerzeichen besteht',
  'errors.password-too-common': 'Dieses Passwort ist zu verbreitet und leicht zu erraten: Wählen Sie ein anderes',
  'errors.password-is-address': 'Ihre E-Mail-Adresse ist kein Passwort: Wählen Sie ein anderes',
  'errors.tooBusy': 'Gerade melden sich zu viele Menschen an: Versuchen Sie es gleich noch einmal',
  'errors.tooManyAttempts': 'Zu viele Fehlversuche. Warten Sie {{minutes}} Minuten, und versuchen Sie es dann erneut',

  'field.email': 'E-Mail-Adresse',
  'field.name': 'Ihr Name',
  'field.password': 'Passwort',
  'field.newPassword': 'Neues Passwort',
  'field.newPasswordHint':
    'Mindestens {{passwordMin}} Zeichen. Mehrere Wörter ohne Zusammenhang sind leicht zu merken und schwer zu erraten.',

  'scope.platform': 'Plattform',
  'scope.organisation': 'Organisation',
  'scope.deployment': 'Programm',
  'scope.group': 'Gruppe',

  'grant.role': 'Rolle',
  'grant.patient': 'Patientin oder Patient',
  'grant.programme': 'Programm',
  'grant.may': 'Sie dürfen',
  'grant.permissions':
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
    'Wenn Sie ablehnen, funktioniert dieser Link nicht mehr, und wer die Einladungen verwaltet, sieht, dass Sie abgelehnt haben. Sie können später wieder eingeladen werden.',
  'decline.button': 'Einladung ablehnen',
  'decline.title': 'Einladung{{#if isGroup}} in die Gruppe {{else}}: {{/if}}{{place}}. Ablehnen?',
  'decline.sure':
    'Noch ist nichts geschehen. Wenn Sie ablehnen, ist die Einladung geschlossen, und wer die Einladungen verwaltet, sieht, dass Sie abgelehnt haben.',
  'decline.confirm': 'Ja, ablehnen',
  'decline.back': 'Nein, zurück',
  'declined.title': 'Sie haben abgelehnt',
  'declined.eyebrow': 'Einladung',
  'declined.text':
    'Die Einladung ist geschlossen, ihr Link funktioniert nicht mehr. Sie können diese Seite schließen. Falls Sie es sich anders überlegen, bitten Sie um eine neue Einladung.',

  'welcome.title': 'Willkommen{{#if isGroup}} in der Gruppe {{else}}: {{/if}}{{place}}',
  'welcome.eyebrow': 'Einladung angenommen',
  'welcome.text': 'Sie sind angemeldet, und was Ihnen angeboten wurde, gilt ab jetzt.',
  'welcome.link': 'Zu Ihrer Startseite',
  'welcome.app':
    'Laden Sie als Nächstes die App auf Ihr Telefon, falls Sie sie noch nicht haben, und melden Sie sich dort mit derselben E-Mail-Adresse und demselben Passwort an:',
  'welcome.appStore': 'Die App im App Store',
  'welcome.playStore': 'Die App bei Google Play',

  'join.title': 'An {{place}} teilnehmen',
  'join.eyebrow': 'Für Patientinnen und Patienten',
  'join.text':
    'Geben Sie Ihre E-Mail-Adresse ein. Sie erhalten eine Nachricht mit einer Einladung, die nur für Sie gilt; mit ihr legen Sie Ihr Konto an.',
  'join.button': 'Einladung anfordern',
  'join.until': 'Diese Seite ist bis {{dateTime expiresAt}} offen.',
  'join-asked.title': 'Sehen Sie in Ihr Postfach',
  'join-asked.text':
    'Wenn Sie eingeladen werden können, ist eine Nachricht mit Ihrer Einladung unterwegs. Sie gilt 24 Stunden.',
  'join-asked.again':
    'Nichts gekommen? Sehen Sie im Spam-Ordner nach, prüfen Sie die Adresse, und fragen Sie Ihr Behandlungsteam.',

  'unsubscribe.title':
    '{{#if isUnsubscribed}}Keine Einladungen per E-Mail mehr von {{organisationName}}{{else}}Keine Einladungen per E-Mail mehr von {{organisationName}}?{{/if}}',
  'unsubscribe.eyebrow': 'Ihre E-Mails',
  'unsubscribe.text': '{{organisationName}} schickt Ihnen dann keine Einladungen und Erinnerungen mehr per E-Mail.',
  'unsubscribe.button': 'Abbestellen',
  'unsubscribe.done': '{{organisationName}} schickt Ihnen keine Einladungen und Erinnerungen mehr per E-Mail.',
  'unsubscribe.undo': 'Diese E-Mails wieder erhalten',
  'unsubscribe.stands':
    'Eine Einladung, die Sie haben, bleibt offen. Wenn Sie dort eine annehmen, erhalten Sie diese E-Mails wieder.',

  'sign-in.title': 'Anmelden',
  'sign-in.button': 'Anmelden',
  'sign-in.noAccount':
    'Konten entstehen durch Einladung: Noch kein Konto? Öffnen Sie den Link in Ihrer Einladungsmail.',

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
  'home.roles': 'Ihre Rollen',
  'home.since': 'seit {{day since}}',
  'home.noRoles': 'Sie haben derzeit keine Rolle.',
  'home.notices': 'Ihre Benachrichtigungen',
  'home.groupAcceptances': 'Per Mail benachrichtigen, wenn jemand eine Einladung in eine Gruppe annimmt',
  'home.groupAcceptancesHint':
    'In eine Gruppe, die Sie verwalten, oder in irgendeine Gruppe einer Organisation, die Ihnen gehört.',
  'home.saveNotices': 'Auswahl speichern',
  'home.noticesSaved': 'Ihre Auswahl ist gespeichert.',

  'home.unsubscriptions': 'E-Mails, die Sie abbestellt haben',
  'home.unsubscriptionsHint':
    'Diese Organisationen senden Ihnen keine Einladungen und Erinnerungen per E-Mail. Ihre Einladungen finden Sie weiterhin auf dieser Seite.',
  'home.unsubscribedSince': 'seit {{day since}}',
  'home.mailsAgain': 'Diese E-Mails wieder erhalten',

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
  'mailbox.state.dropped': 'nicht mehr erwünscht, als sie an der Reihe war',
  'mailbox.state.address-invalid': 'nicht verschickt: die Adresse ist keine',
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

  'problem.home': 'Zur Startseite',
  'problem.requestId': 'Wenn Sie um Hilfe bitten, nennen Sie diese Nummer: {{requestId}}',
  'problem.link-not-found.title': 'Dieser Link führt nirgendwohin',
  'problem.link-not-found.text':
    'Vielleicht fehlt ein Teil davon. Kopieren Sie die ganze Adresse, oder scannen Sie den Code noch einmal.',
  'problem.link-expired.title': 'Dieser Link ist abgelaufen',
  'problem.link-expired.text': 'Bitten Sie Ihr Behandlungsteam um eine Einladung oder einen neueren Link.',
  'problem.link-revoked.title': 'Dieser Link wurde zurückgezogen',
  'problem.link-revoked.text': 'Bitten Sie Ihr Behandlungsteam um eine Einladung oder einen anderen Link.',
  'problem.link-stopped.title': 'Dieser Link gilt nicht mehr',
  'problem.link-stopped.text': 'Bitten Sie Ihr Behandlungsteam um eine Einladung oder einen anderen Link.',
  'problem.link-used-up.title': 'Alle Plätze sind vergeben',
  'problem.link-used-up.text':
    'Über diesen Link nehmen schon so viele teil, wie teilnehmen können. Fragen Sie Ihr Behandlungsteam.',
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
    'Hier ist nichts mehr zu tun. Die Startseite zeigt, was Sie haben; melden Sie sich dort mit Ihrer E-Mail-Adresse und Ihrem Passwort an, falls Sie nicht angemeldet sind.',
  'problem.inviter-lost-authority.title': 'Diese Einladung muss erneut gesendet werden',
  'problem.inviter-lost-authority.text':
    'Die Person, die sie gesendet hat, darf diese Rolle nicht mehr vergeben. Bitten Sie dort jemanden aus der Verwaltung, sie erneut zu senden. Sie erhalten dann einen neuen Link.',
  'problem.use-the-link.title': 'Öffnen Sie den Link in der E-Mail',
  'problem.use-the-link.text':
    'Sie haben hier zurzeit keine Rolle, keine Gruppe und kein Programm. Öffnen Sie zum Annehmen den Link in der E-Mail dieser Einladung; das zeigt, dass das Postfach noch Ihres ist.',
  'problem.scope-archived.title': 'Dies ist zurzeit archiviert',
  'problem.scope-archived.text':
    'Solange es archiviert ist, kann niemand beitreten. Eine Einladung, die Sie haben, bleibt erhalten: Fragen Sie die Person, die Sie eingeladen oder Ihnen den Link gegeben hat.',
  'problem.not-found.title': 'Hier ist nichts',
  'problem.not-found.text': 'Vielleicht ist die Adresse vertippt, oder was hier war, gibt es nicht mehr.',
  'problem.forbidden.title': 'Das dürfen Sie nicht sehen',
  'problem.forbidden.text': 'Ihre Rolle umfasst diese Seite nicht.',
  'problem.origin-not-allowed.title': 'Das kam nicht von unserer Seite',
  'problem.origin-not-allowed.text': 'Nichts wurde geändert. Öffnen Sie die Seite hier und versuchen Sie es erneut.',
  'problem.too-many-conflicts.title': 'Andere waren schneller',
  'problem.too-many-conflicts.text': 'Jemand hat in diesem Moment dasselbe geändert. Versuchen Sie es erneut.',
  'problem.other.title': 'Das hat nicht geklappt',
  'problem.other.text': 'Bitte versuchen Sie es in einem Augenblick noch einmal.',
};
