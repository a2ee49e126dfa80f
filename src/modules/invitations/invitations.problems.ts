import type { Problems } from '../../shared/problems/problem-codes.js';

export const INVITATIONS_PROBLEMS = {
  'invitation-not-found': [404, 'There is no such invitation'],
  'account-exists': [409, 'This address has an account: sign in to accept'],
  'inviter-lost-authority': [
    409,
    'The inviter may no longer offer this: ask an administrator to send the invitation again',
  ],
  'not-changeable': [409, 'Only a pending invitation can be changed'],
  'invitation-changed': [409, 'The offer has changed since you read it: read it again'],
  'not-revocable': [409, 'Only a pending or expired invitation can be revoked'],
  'not-resendable': [409, 'Only a pending or expired invitation can be resent'],
  'use-the-link': [409, 'Open the link in the mail of this invitation first'],
  'wrong-account': [409, 'This invitation is for somebody else: sign out first'],
  'invitation-expired': [410, 'This invitation has expired: ask the inviter to send it again'],
  'invitation-superseded': [410, 'A newer link was sent: open that one'],
  'invitation-revoked': [410, 'This invitation was revoked'],
  'invitation-declined': [410, 'This invitation was declined'],
  'invitation-accepted': [410, 'This invitation was already accepted'],
  'atomic-refused': [422, 'Nothing was sent: some addresses cannot be invited'],
  'not-a-contact-file': [422, 'This is not a contact file: save it as CSV or text'],
  'too-many-recipients': [422, 'Too many addresses in one call: split them'],
  'too-many-rows': [422, 'The contact file has too many rows or addresses: split it'],
  'quota-exceeded': [429, 'The quota has less left than this call needs: send fewer addresses, or wait'],
} as const satisfies Problems;
