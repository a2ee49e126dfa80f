import { isMailable, normaliseEmail, type EmailAddress } from '../../../shared/mail/email-address.js';
import { yieldToEventLoop } from '../../../shared/resilience/event-loop.js';

export const RECIPIENT_OUTCOMES = [
  'invited',
  'already-pending',
  'already-member',
  'invalid-email',
  'duplicate-in-request',
  'not-allowed',
] as const;
/** What became of one address. Source: docs/domain.md §6.2 */
export type RecipientOutcome = (typeof RECIPIENT_OUTCOMES)[number];

export interface Recipient {
  /** As it was given. */
  email: string;
  /** Null when it is no address. */
  address: EmailAddress | null;
  /** Decided by what was given alone; absent: it depends on what is known of the person. */
  outcome?: RecipientOutcome;
}

/** Judges addresses one after the other, by the addresses alone. */
export class Recipients {
  private readonly seen = new Set<EmailAddress>();

  next(email: string, address: EmailAddress | null): Recipient {
    if (!address) return { email, address, outcome: 'invalid-email' };
    if (this.seen.has(address)) return { email, address, outcome: 'duplicate-in-request' };
    this.seen.add(address);
    return { email, address };
  }
}

/** Somebody picked by their id; without an address they aren't the caller's to see. */
export interface PickedPerson {
  personId: string;
  address: EmailAddress | null;
}

/** Whom a call names, by address or by id. */
export type Invitee = Partial<Recipient> & Pick<Recipient, 'address'> & { personId?: string };

/** Reads a call's addresses, in their order, then the people it picks; gives way to other requests. */
export async function readRecipients(emails: readonly string[], picked: readonly PickedPerson[]): Promise<Invitee[]> {
  const yieldIfDue = yieldToEventLoop();
  const judged = new Recipients();
  const recipients: Invitee[] = [];
  for (const email of emails) {
    await yieldIfDue();
    recipients.push(judged.next(email, normaliseEmail(email)));
  }
  for (const { personId, address } of picked) {
    await yieldIfDue();
    // Stored by an older version, it may be none.
    recipients.push(
      address === null
        ? { personId, address, outcome: 'not-allowed' }
        : { personId, ...judged.next(address, isMailable(address) ? address : null) },
    );
  }
  return recipients;
}

/** The addresses whose outcome depends on what is known of the person. */
export function addressesToInvite(recipients: readonly Invitee[]): EmailAddress[] {
  return recipients.flatMap(({ address, outcome }) => (address && !outcome ? [address] : []));
}

/** How many addresses came to each outcome; every outcome is named. */
export function summarise(results: readonly { outcome: RecipientOutcome }[]): Record<RecipientOutcome, number> {
  const summary = Object.fromEntries(RECIPIENT_OUTCOMES.map((outcome) => [outcome, 0])) as Record<
    RecipientOutcome,
    number
  >;
  for (const { outcome } of results) summary[outcome] += 1;
  return summary;
}
