import { normaliseEmail, type EmailAddress } from '../privacy/email-address.js';

export const OUTCOMES = ['invited', 'already-pending', 'already-member', 'invalid-email', 'duplicate-in-request', 'not-allowed'] as const;
/** What became of one address. Source: DOMAIN §3 */
export type Outcome = (typeof OUTCOMES)[number];

export interface Recipient {
  /** As it was given. */
  email: string;
  /** Null when it is no address. */
  address: EmailAddress | null;
  /** Decided by the address alone; absent: it depends on what is known of the person. */
  outcome?: Outcome;
}

/** Reads a call's addresses, in their order. @param own the caller's, which can't be invited */
export function readRecipients(emails: readonly string[], own: EmailAddress | undefined): Recipient[] {
  const seen = new Set<EmailAddress>();
  return emails.map((email) => {
    const address = normaliseEmail(email);
    if (!address) return { email, address, outcome: 'invalid-email' };
    if (seen.has(address)) return { email, address, outcome: 'duplicate-in-request' };
    seen.add(address);
    return address === own ? { email, address, outcome: 'not-allowed' } : { email, address };
  });
}

/** How many addresses came to each outcome; every outcome is named. */
export function summarise(results: readonly { outcome: Outcome }[]): Record<Outcome, number> {
  const summary = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  for (const { outcome } of results) summary[outcome] += 1;
  return summary;
}
