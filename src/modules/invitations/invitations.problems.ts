import type { Problems } from '../../shared/problems/problem-codes.js';

export const INVITATIONS_PROBLEMS = {
  'invitation-not-found': [404, 'There is no such invitation'],
  'account-exists': [409, 'There is an account for this address: sign in to accept'],
  'inviter-lost-authority': [409, 'Whoever sent this invitation may no longer give this role'],
  'not-revocable': [409, 'Only a pending or expired invitation can be revoked'],
  'not-resendable': [409, 'Only a pending or expired invitation can be sent again'],
  'use-the-link': [409, 'Open the link in the mail of this invitation first'],
  'wrong-account': [409, 'This invitation is for somebody else'],
  'invitation-expired': [410, 'This invitation has expired'],
  'invitation-superseded': [410, 'A newer link has been sent'],
  'invitation-revoked': [410, 'This invitation was withdrawn'],
  'invitation-declined': [410, 'This invitation was declined'],
  'invitation-accepted': [410, 'This invitation was accepted already'],
  'atomic-refused': [422, 'Nothing was sent: some addresses cannot be invited'],
  'not-a-contact-file': [422, 'This is not a contact file: save it as CSV or text'],
  'too-many-recipients': [422, 'Too many addresses in one call'],
  'too-many-rows': [422, 'The contact file has too many rows or addresses: split it'],
  'quota-exceeded': [429, 'This is more than what is left for now: send less, or wait'],
} as const satisfies Problems;
