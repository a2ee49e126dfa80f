import { ACCOUNT_ENGLISH } from './account.en.js';
import { ADMINISTRATION_ENGLISH } from './administration.en.js';
import { GROUPS_ENGLISH } from './groups/groups.en.js';
import { HISTORY_ENGLISH } from './history.en.js';
import { INVITE_ENGLISH } from './invite.en.js';
import { OPERATIONS_ENGLISH } from './operations.en.js';
import { PATIENTS_ENGLISH } from './patients.en.js';
import { ROLES_ENGLISH } from './roles.en.js';
import { SHELL_ENGLISH } from './shell.en.js';
import { STAFF_ENGLISH } from './staff.en.js';

/** The texts of pages in English. `<page>.title` is the title of a page. */
export const ENGLISH = {
  ...ACCOUNT_ENGLISH,
  ...ADMINISTRATION_ENGLISH,
  ...GROUPS_ENGLISH,
  ...HISTORY_ENGLISH,
  ...INVITE_ENGLISH,
  ...OPERATIONS_ENGLISH,
  ...PATIENTS_ENGLISH,
  ...ROLES_ENGLISH,
  ...SHELL_ENGLISH,
  ...STAFF_ENGLISH,
  'layout.skip': 'Skip to the content',
  'layout.nav': 'Main',
  'layout.home': 'Start',
  'layout.mailbox': 'Mailbox',
  'layout.docs': 'API reference',
  'layout.footer': 'Rolecall: who has which role, given by whom, when and why.',

  'errors.prefix': 'Error:',
  'errors.title': 'Please check your entries',
  'errors.name': 'Enter your name, at most 200 characters',
  'errors.password': 'Enter a password of {{passwordMin}} to {{passwordMax}} characters',
  'errors.email': 'Enter your e-mail address, such as ann@example.org',
  'errors.newAddress': 'Enter your new e-mail address, such as ann@example.org',
  'errors.currentPassword': 'Enter your password',
  'errors.invitation-changed': 'The offer has changed since you opened this page. Read it again before you accept',
  'errors.signInFailed': 'The address or the password is wrong',
  'errors.signInFailedHere': 'This password is wrong',
  'errors.password-not-text': 'This password has a broken character: type it again',
  'errors.password-blank': 'Enter a password that is not only spaces',
  'errors.password-too-common': 'This password is too common and easy to guess: choose another',
  'errors.password-is-address': 'Your password must not be your e-mail address: choose another',
  'errors.tooBusy': 'Too many people are signing in at this moment: try again shortly',
  'errors.tooManyAttempts': 'Too many failed attempts. Wait {{minutes}} minutes, then try again',

  'field.email': 'E-mail address',
  'field.newAddress': 'New e-mail address',
  'field.name': 'Your name',
  'field.password': 'Password',
  'field.currentPassword': 'Current password',
  'field.newPassword': 'New password',
  'field.newPasswordHint':
    'At least {{passwordMin}} characters. Several unrelated words are easy to remember and hard to guess.',

  'password.show': 'Show',
  'password.short': 'Too short',
  'password.weak': 'Weak password',
  'password.fair': 'Fair password',
  'password.good': 'Good password',
  'password.strong': 'Strong password',

  'scope.platform': 'Platform',
  'scope.organisation': 'Organisation',
  'scope.deployment': 'Deployment',
  'scope.group': 'Group',

  'grant.label.staff': 'Role',
  'grant.staff': '{{roleName}}',
  'grant.label.patient': 'Role',
  'grant.patient': 'Patient',
  'grant.label.observer': 'Guest',
  'grant.observer': 'Observer: you see the deployment, not the people in it',
  'grant.programme': 'Programme',
  'grant.label.groupMember': 'You may',
  'grant.groupMember':
    'view and download{{#if contentCreator}}; create, edit and upload{{/if}}{{#if administrator}}; invite and manage members{{/if}}',

  'invitation.title':
    '{{#if inviterName}}{{inviterName}} invites you{{else}}You are invited{{/if}} to {{#if isGroup}}the group {{/if}}{{place}}',
  'invitation.eyebrow': 'Invitation',
  'invitation.messageFrom': '{{#if inviterName}}{{inviterName}} writes{{else}}Message{{/if}}',
  'invitation.inviter': 'Invited by',
  'invitation.for': 'For',
  'invitation.expires': 'Open until',

  'accept.newTitle': 'Accept with a new account',
  'accept.newText':
    'Your name is shown to people there who are allowed to see it. You sign in with your e-mail address and this password.',
  'accept.newButton': 'Accept and create account',
  'accept.signInTitle': 'Sign in to accept',
  'accept.signInText': 'This address already has an account. Sign in, then confirm that you accept.',
  'accept.signInButton': 'Sign in',
  'accept.confirmTitle': 'Do you accept?',
  'accept.confirmText': 'You are signed in as {{email}}.',
  'accept.confirmButton': 'Accept invitation',
  'accept.wrongTitle': 'You are signed in as somebody else',
  'accept.wrongText':
    'This invitation is for {{email}}, but you are signed in as {{#if viewerEmail}}{{viewerEmail}}{{else}}another person{{/if}}. Sign out to continue. The invitation stays open.',
  'accept.wrongButton': 'Sign out and continue',

  'decline.summary': 'I do not want this invitation',
  'decline.text':
    'If you decline, this link stops working. The people who manage the invitations see that you declined. You can be invited again later.',
  'decline.button': 'Decline invitation',
  'decline.title': 'Decline the invitation to {{#if isGroup}}the group {{/if}}{{place}}?',
  'decline.sure':
    'Nothing has happened yet. If you decline, the invitation is closed. The people who manage the invitations see that you declined.',
  'decline.confirm': 'Yes, decline',
  'decline.back': 'No, go back',
  'declined.title': 'You have declined',
  'declined.eyebrow': 'Invitation',
  'declined.text':
    'The invitation is closed and its link no longer works. You can close this page. If you change your mind, ask for a new invitation.',

  'welcome.title': 'Welcome to {{#if isGroup}}the group {{/if}}{{place}}',
  'welcome.eyebrow': 'Invitation accepted',
  'welcome.text':
    'You are signed in. {{#if roleName}}Your new role is active.{{else}}Your new access is active.{{/if}}',
  'welcome.link': 'Go to your start page',

  'join.title': 'Take part in {{place}}',
  'join.eyebrow': 'For patients',
  'join.text': 'Enter your e-mail address. You get a mail with a personal invitation. Use it to create your account.',
  'join.button': 'Send me an invitation',
  'join.until': 'This page is open until {{dateTime expiresAt}}.',
  'join-asked.title': 'Check your inbox',
  'join-asked.text':
    'If you can be invited, a mail with your invitation is on its way. The invitation is valid for 24 hours.',
  'join-asked.again': 'No mail? Check your spam folder and the address, or ask your care team.',

  'unsubscribe.title':
    '{{#if isUnsubscribed}}No more invitation mails from {{organisationName}}{{else}}Stop invitation mails from {{organisationName}}?{{/if}}',
  'unsubscribe.eyebrow': 'Your mails',
  'unsubscribe.text': 'If you unsubscribe, {{organisationName}} will no longer mail you invitations or reminders.',
  'unsubscribe.button': 'Unsubscribe',
  'unsubscribe.done': '{{organisationName}} no longer mails you invitations or reminders.',
  'unsubscribe.undo': 'Get these mails again',
  'unsubscribe.stands':
    'Your open invitations stay open. If you accept one from this organisation, you get these mails again.',

  'sign-in.title': 'Sign in',
  'sign-in.button': 'Sign in',
  'sign-in.noAccount': 'No account yet? Open the link in your invitation mail.',
  'sign-in.forgotten': 'Forgot your password?',

  'password-forgotten.title': 'Forgot your password?',
  'password-forgotten.text': 'Enter your e-mail address. You get a mail with a link to a new password.',
  'password-forgotten.button': 'Send me a link',
  'password-forgotten.back': 'Back to sign-in',
  'password-asked.title': 'Check your inbox',
  'password-asked.text':
    'If this address is known here, a mail is on its way. Its link works once, for one hour. If you have no account yet, you get your invitation again.',
  'password-asked.again': 'No mail? Check your spam folder and the address.',
  'password-reset.title': 'Choose a new password',
  'password-reset.button': 'Save new password',
  'password-reset.until': 'You can do this until {{dateTime expiresAt}}. You are then signed out everywhere.',
  'password-chosen.title': 'Your new password is saved',
  'password-chosen.text': 'You are signed out everywhere. Sign in with your new password.',

  'address-confirm.title': 'Confirm your new e-mail address',
  'address-confirm.text': 'The account that asked for this gets this e-mail address. You then sign in with it.',
  'address-confirm.button': 'Confirm this address',
  'address-confirm.until':
    'You can do this until {{dateTime expiresAt}}. If you did not ask for it, close this page: nothing changes.',
  'address-changed.title': 'Your new e-mail address is saved',
  'address-changed.text':
    'From now on you sign in with this address. We told your former address, which can undo the change for 7 days.',
  'address-changed.link': 'Go to your start page',
  'address-undo.title': 'Undo the change of your e-mail address?',
  'address-undo.text':
    'Your account gets this e-mail address again. Choose a new password too, because somebody may know the present one.',
  'address-undo.button': 'Undo the change',
  'address-undo.until': 'You can do this until {{dateTime undoUntil}}. You are then signed out everywhere.',
  'address-undone.title': 'The change is undone',
  'address-undone.text':
    'Your account has its former e-mail address again. You are signed out everywhere. Sign in with your new password.',

  'home.title': '{{#if name}}{{name}}{{else}}Your account{{/if}}',
  'home.eyebrow': 'Signed in as',
  'home.signOut': 'Sign out',
  'home.invitations': 'Your invitations',
  'home.invitedBy': 'invited by {{inviterName}}',
  'home.until': 'open until {{dateTime expiresAt}}',
  'home.useTheLink':
    'To accept, open the link in the mail of the invitation. That shows that the mailbox is still yours.',
  'home.accept': 'Accept',
  'home.decline': 'Decline',
  'home.enrolments': 'Your programmes',
  'home.enrolledOn': 'enrolled on {{day since}}',
  'home.enrolment.active': 'You take part',
  'home.enrolment.offboarded': 'Your participation has ended',
  'home.reason': 'Reason: {{reason}}',
  'home.groups': 'Your groups',
  'home.guestOf': 'Where you are a guest',
  'home.roles': 'Your roles',
  'home.since': 'since {{day since}}',
  'home.noRoles': 'You have no role at the moment.',

  'mailbox.title': 'Mailbox',
  'mailbox.text':
    'No mail server is configured, so mails stay here instead of being sent. Only super-admins see this page.',
  'mailbox.empty': 'No mails yet.',
  'mailbox.gone': 'No longer valid',
  'mailbox.to': 'To {{#if recipient}}{{recipient}}{{else}}somebody no longer known{{/if}}',
  'mailbox.older': 'Older mails',
  'mailbox.state.pending': 'waiting',
  'mailbox.state.sent': 'delivered here',
  'mailbox.state.failed': 'failed',
  'mailbox.state.dropped': 'not sent: no longer needed',
  'mailbox.state.address-invalid': 'not sent: the address is invalid',
  'mailbox.state.unsubscribed': 'not sent: the recipient unsubscribed',

  'mail.title': '{{#if subject}}{{subject}}{{else}}This mail is no longer valid{{/if}}',
  'mail.back': 'All mails',
  'mail.to': 'To',
  'mail.at': 'When',
  'mail.state': 'State',
  'mail.html': 'As HTML',
  'mail.text': 'As plain text',
  'mail.gone':
    'Its invitation is no longer pending: it was accepted, declined, revoked or sent again, or it expired. Links are never stored, so the mail cannot be shown any more.',

  'problem.newLink': 'Ask for a new link',
  'invitation.about': 'About this invitation',
  'invitation.may': 'With this role you may',
  'invitation.policies': 'Please read:',
  'app.title': 'Take part in the app',
  'app.open': 'Open in the app',
  'app.appStore': 'App Store',
  'app.playStore': 'Google Play',
  'app.without': 'You can also go on here, without the app.',
  'join-asked.back': 'Enter another address',
  'problem.kept': 'What you typed is kept on this page, except passwords.',
  'problem.again': 'Send it again',
  'problem.home': 'Go to the start page',
  'problem.requestId': 'If you ask for help, quote this number: {{requestId}}',
  'problem.link-not-found.title': 'This link does not work',
  'problem.link-not-found.text': 'Part of it may be missing. Copy the whole address, or scan the code again.',
  'problem.link-expired.title': 'This link has expired',
  'problem.link-expired.text': 'Ask your care team for an invitation or a newer link.',
  'problem.link-revoked.title': 'This link was withdrawn',
  'problem.link-revoked.text': 'Ask your care team for an invitation or another link.',
  'problem.link-stopped.title': 'This link no longer works',
  'problem.link-stopped.text': 'Ask your care team for an invitation or another link.',
  'problem.link-used-up.title': 'All places are taken',
  'problem.link-used-up.text': 'Nobody else can take part through this link. Ask your care team.',
  'problem.too-many-requests.title': 'Too many requests',
  'problem.too-many-requests.text': 'Wait a while, then try again.',
  'problem.offboarded.title': 'Your participation has ended',
  'problem.offboarded.text': 'You are no longer enrolled here. The start page shows the reason.',
  'problem.invitation-not-found.title': 'There is no invitation at this link',
  'problem.invitation-not-found.text':
    'Part of the link may be missing. Open the link in the mail again, or copy the whole address.',
  'problem.invitation-expired.title': 'This invitation has expired',
  'problem.invitation-expired.text':
    'Ask the person who invited you to send it again. You then get a mail with a new link.',
  'problem.invitation-superseded.title': 'There is a newer link',
  'problem.invitation-superseded.text':
    'The invitation was sent again, and only the newest link works. Look for a later mail.',
  'problem.invitation-revoked.title': 'This invitation was withdrawn',
  'problem.invitation-revoked.text':
    'The link no longer works. If you think this is a mistake, ask the person who invited you.',
  'problem.invitation-declined.title': 'This invitation was declined',
  'problem.invitation-declined.text': 'The link no longer works. If you changed your mind, ask for a new invitation.',
  'problem.invitation-accepted.title': 'This invitation was already accepted',
  'problem.invitation-accepted.text':
    'There is nothing left to do here. The start page shows your roles, groups and programmes. If you are not signed in, sign in there with your e-mail address and password.',
  'problem.inviter-lost-authority.title': 'This invitation needs to be sent again',
  'problem.inviter-lost-authority.text':
    'The person who sent it may no longer give this role. Ask an administrator there to send it again. You then get a new link.',
  'problem.use-the-link.title': 'Open the link in the mail',
  'problem.use-the-link.text':
    'You have no role, group or programme here at the moment. To accept, open the link in the mail of this invitation; that shows that the mailbox is still yours.',
  'problem.scope-archived.title': 'This is archived at the moment',
  'problem.scope-archived.text':
    'Nobody can join while it is archived. If you have an invitation, it stays open. Ask the person who invited you or gave you the link.',
  'problem.not-found.title': 'There is nothing here',
  'problem.not-found.text': 'The address may be mistyped, or what was here is gone.',
  'problem.forbidden.title': 'You may not see this',
  'problem.forbidden.text': 'Your role does not include this page.',
  'problem.origin-not-allowed.title': 'This did not come from our page',
  'problem.origin-not-allowed.text': 'Nothing was changed. Open the page here and try again.',
  'problem.too-many-conflicts.title': 'Somebody else changed this',
  'problem.too-many-conflicts.text': 'Somebody changed the same thing at the same moment. Try again.',
  'problem.password-reset-not-found.title': 'This link does not work',
  'problem.password-reset-not-found.text': 'Part of it may be missing. Copy the whole address from the mail.',
  'problem.password-reset-expired.title': 'This link has expired',
  'problem.password-reset-expired.text': 'You can ask for a new one.',
  'problem.password-reset-superseded.title': 'There is a newer link',
  'problem.password-reset-superseded.text': 'Use the link in the newest mail.',
  'problem.password-reset-used.title': 'The password was changed',
  'problem.password-reset-used.text': 'This link works once. If you need another new password, ask for a new link.',
  'problem.address-taken.title': 'This address belongs to somebody else',
  'problem.address-taken.text':
    'It has an account or an invitation of its own. Nothing was changed, and people are never merged.',
  'problem.address-change-not-found.title': 'This link does not work',
  'problem.address-change-not-found.text': 'Part of it may be missing. Copy the whole address from the mail.',
  'problem.address-change-expired.title': 'This link has expired',
  'problem.address-change-expired.text': 'Nothing was changed. You can ask for the change again on your account page.',
  'problem.address-change-superseded.title': 'There is a newer link',
  'problem.address-change-superseded.text': 'Use the link in the newest mail.',
  'problem.address-change-used.title': 'This link was used',
  'problem.address-change-used.text': 'The address or the password was changed since it was sent.',
  'problem.address-undo-not-found.title': 'This link does not work',
  'problem.address-undo-not-found.text': 'Part of it may be missing. Copy the whole address from the mail.',
  'problem.address-undo-expired.title': 'This link has expired',
  'problem.address-undo-expired.text':
    'The change can no longer be undone by yourself. Ask an administrator of your organisation for help.',
  'problem.address-undo-used.title': 'The change was undone already',
  'problem.address-undo-used.text': 'There is nothing left to do here. Sign in with your former address.',
  'problem.second-factor-needed.title': 'One more step is needed',
  'problem.second-factor-needed.text': 'Your account needs a second factor, and this page cannot ask for it yet.',
  'problem.other.title': 'That did not work',
  'problem.other.text': 'Please try again in a moment.',
} as const;

export type TextKey = keyof typeof ENGLISH;

const GRANT_LABEL = 'grant.label.';

/** The kinds of invitation for which the pages have texts: the grant and its label. */
export const KINDS_ON_PAGES: readonly string[] = Object.keys(ENGLISH)
  .filter((key) => key.startsWith(GRANT_LABEL))
  .map((key) => key.slice(GRANT_LABEL.length))
  .filter((kind) => `grant.${kind}` in ENGLISH);
