/** The limits of one process: mails per second, and connections to the mail server. */
export interface MailRate {
  perSecond: number;
  connections: number;
}

/** Leaves the thread to requests while a large call's mails leave. ADR 0042 has the measurements. */
export const DEFAULT_MAIL_RATE: MailRate = { perSecond: 100, connections: 5 };

const MAX_PER_SECOND = 1000;
const MAX_CONNECTIONS = 50;

/** Returns what is wrong with MAIL_RATE, to follow its name; null: nothing. */
export function problemWithMailRate(text: string): string | null {
  const { perSecond, connections } = read(text);
  return isWithin(perSecond, MAX_PER_SECOND) && isWithin(connections, MAX_CONNECTIONS)
    ? null
    : `must look like 100/5: 1 to ${String(MAX_PER_SECOND)} mails per second, 1 to ${String(MAX_CONNECTIONS)} connections`;
}

/** @throws TypeError for a text that `problemWithMailRate` refuses */
export function readMailRate(text: string): MailRate {
  const problem = problemWithMailRate(text);
  if (problem !== null) throw new TypeError(`MAIL_RATE ${problem}`);
  return read(text);
}

/** The limits as nodemailer's options: each connection sends one mail in each window. */
interface PoolOptions {
  maxConnections: number;
  /** Mails in a window. */
  rateLimit: number;
  /** The window's length in milliseconds. */
  rateDelta: number;
}

/**
 * The window is as short as the pool allows, so that mails leave evenly. The pool resumes all its connections at once
 * when a window ends, so a window with fewer mails than connections would exceed the rate.
 */
export function poolOptionsOf({ perSecond, connections }: MailRate): PoolOptions {
  const atOnce = Math.min(connections, perSecond);
  return { maxConnections: atOnce, rateLimit: atOnce, rateDelta: Math.ceil((atOnce * 1000) / perSecond) };
}

function read(text: string): MailRate {
  const [, perSecond, connections] = /^(\d{1,4})\/(\d{1,2})$/.exec(text) ?? [];
  return { perSecond: Number(perSecond), connections: Number(connections) };
}

/** False for NaN too. */
function isWithin(count: number, most: number): boolean {
  return count >= 1 && count <= most;
}
