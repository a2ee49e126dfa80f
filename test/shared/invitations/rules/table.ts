import { cellsOf } from '../../access/tables.js';

/** What an invitation is, copied: the first column names what is tested. */
const THE_INVITATION = `
| rule | behaviour |
|---|---|
| one pending invitation per e-mail and scope | by construction (the stream is the person in the scope), also under concurrent calls. Inviting again: pending → \`already-pending\`; expired → a new invitation with a new id, the old one can't be resent |
| expiry, staff | \`24h\`, \`72h\`, \`7d\` (default \`7d\`) |
| expiry, patients and patient links | \`24h\`, \`48h\`, \`7d\`, \`1y\` (default \`7d\`) |
| expiry, groups | \`24h\`, \`72h\`, \`7d\`, \`30d\` (default \`30d\`) |
| several addresses per call | up to 10,000; one role, one message, one expiry for all; each address gets its own outcome |
| outcomes | \`invited\`, \`already-pending\` (with its id for who may identify the person or issued it), \`already-member\`, \`invalid-email\`, \`duplicate-in-request\`, \`not-allowed\` (own address, or a personId the caller may not see). A malformed address is an outcome, not a 400 |
| \`mode\` | \`partial\` (default: send the good ones) or \`atomic\` (all are checked before anything is stored; one \`invalid-email\` or \`not-allowed\`: nothing is sent, 422 with every row's outcome) |
| \`dryRun\` | the same answer, nothing stored or sent, no person recorded: the "review before sending" step |
| import | CSV or text file; answers with the review, sends nothing; see §5 |
| resend | when pending or expired: same invitationId, **new link, the old one is dead**, new expiry (same window unless given another); 200 with the invitation. Otherwise 409 \`not-resendable\` |
| reminder | once per issue, 2 days before expiry, if the window was at least 4 days: same link, same expiry |
| revoke ("delete") | pending or expired only; the link stops working; the record stays for history; pending mail and reminder are not sent |
| expire | decided from \`expiresAt\` on every command and query; a schedule also records it as an event |
| accept, nobody signed in, no account | name and password create the account; the mailed link is the proof of the address |
| accept, account exists, not signed in | 409 \`account-exists\`: sign in, the invitation is kept |
| accept, signed in as the invitee | accepted without a password; they must still confirm |
| accept, signed in as somebody else | 409 \`wrong-account\`; nothing is consumed |
| accept twice | signed in as the same person: a no-op; nobody signed in: 410 \`invitation-accepted\`, never a session. A concurrent pair gives one membership |
| decline | by link or signed in |
| reading a link (GET) | never changes anything: mail scanners follow links |
| a bad link | unknown or forged: 404 \`invitation-not-found\`. Genuine but \`invitation-expired\`, \`invitation-superseded\` (any older issue, whatever became of it), \`invitation-revoked\`, \`invitation-declined\`, \`invitation-accepted\`: 410 with that code |
| archived scope | no writes but restore (409 \`scope-archived\`), no acceptance; reads go on; pending ones wait. An archived organisation archives what is below it |
| mails | an invitation, a resend, a reminder, a patient's verification, offboarded, reactivated, password reset, and notices a person switched on. No others |
| personal message | optional, up to 2,000 characters, shown as text in the mail |
| existing users | get the mail **and** an item in \`GET /v1/me/invitations\`, shown on their dashboard |
| links | never listed by the API, never logged (nor in metrics, traces, problem details or Referer), never stored: they are re-derived (DESIGN §6) |`;

/** Behaviour by rule, in the table's order. */
export const RULES: ReadonlyMap<string, string> = new Map(cellsOf(THE_INVITATION).map(([rule, behaviour]) => [rule!, behaviour!]));

/** The words in backticks, in their order. */
export function wordsOf(rule: string): string[] {
  return [...RULES.get(rule)!.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);
}

/** The rules that hold in a context: of the expiry windows its own alone. */
export function rulesFor(expiryRule: string): string[] {
  return [...RULES.keys()].filter((rule) => !rule.startsWith('expiry,') || rule === expiryRule);
}
