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
/** The outcome of one address. Source: docs/domain.md §6.2 */
export type RecipientOutcome = (typeof RECIPIENT_OUTCOMES)[number];

export interface Recipient {
  /** As the caller gave it. */
  email: string;
  /** Null when it is no valid address. */
  address: EmailAddress | null;
  /** Present when the input alone decides it. Otherwise the recorded person decides it. */
  outcome?: RecipientOutcome;
}

/** Checks addresses one after the other, without looking at recorded people. */
export class Recipients {
  private readonly seen = new Set<EmailAddress>();

  next(email: string, address: EmailAddress | null): Recipient {
    if (!address) return { email, address, outcome: 'invalid-email' };
    if (this.seen.has(address)) return { email, address, outcome: 'duplicate-in-request' };
    this.seen.add(address);
    return { email, address };
  }
}

/** A person picked by their id; without an address, the caller may not see them. */
export interface PickedPerson {
  personId: string;
  address: EmailAddress | null;
}

/** A recipient of a call, named by address or by id. */
export type Invitee = Partial<Recipient> & Pick<Recipient, 'address'> & { personId?: string };

/** Reads a call's addresses in their order, then its picked people. Yields to the event loop. */
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
    // An older version may have stored an invalid address.
    recipients.push(
      address === null
        ? { personId, address, outcome: 'not-allowed' }
        : { personId, ...judged.next(address, isMailable(address) ? address : null) },
    );
  }
  return recipients;
}

/** The addresses whose outcome depends on the recorded person. */
export function addressesToInvite(recipients: readonly Invitee[]): EmailAddress[] {
  return recipients.flatMap(({ address, outcome }) => (address && !outcome ? [address] : []));
}

/** How many addresses had each outcome; every outcome is named. */
export function summarise(results: readonly { outcome: RecipientOutcome }[]): Record<RecipientOutcome, number> {
  const summary = Object.fromEntries(RECIPIENT_OUTCOMES.map((outcome) => [outcome, 0])) as Record<
    RecipientOutcome,
    number
  >;
  for (const { outcome } of results) summary[outcome] += 1;
  return summary;
}
