import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { AccountClosingEvent } from '../closing/account-closing.events.js';
import type { PasswordChangeReason, PasswordDomainEvent, PasswordEvent } from './password.events.js';

/** How long a mailed link opens. Source: docs/domain.md §15 */
const RESET_HOURS = 1;

/** A person's newest request for a new password. */
export interface ResetRequest {
  issue: number;
  /** Id of its event: the link is derived from it. */
  eventId: string;
  expiresAt: string;
  locale: string;
  /** The password was changed since, by this link or otherwise, or the account was closed. */
  isUsed: boolean;
}

/** What a person's stream says of their password. */
export interface PasswordState {
  /** Null: none was requested. */
  request: ResetRequest | null;
  changeIds: readonly string[];
}

/** The closing of an account ends its password, too. */
type Relevant = PasswordEvent | AccountClosingEvent;
const TYPES: readonly string[] = [
  'PasswordResetRequested',
  'PasswordChanged',
  'AccountClosed',
] satisfies Relevant['type'][];

export const NO_PASSWORD_CHANGES: PasswordState = { request: null, changeIds: [] };

export function evolvePassword(state: PasswordState, event: Relevant): PasswordState {
  if (event.type !== 'PasswordResetRequested') {
    const request = state.request && { ...state.request, isUsed: true };
    return event.type === 'AccountClosed'
      ? { ...state, request }
      : { request, changeIds: [...state.changeIds, event.data.changeId] };
  }
  const { issue, expiresAt, locale } = event.data;
  return { ...state, request: { issue, expiresAt, locale, eventId: event.id, isUsed: false } };
}

/** The stream holds other choices of the person, too. */
export function passwordFrom(history: readonly StoredEvent[]): PasswordState {
  return (history as readonly Relevant[])
    .filter(({ type }) => TYPES.includes(type))
    .reduce(evolvePassword, NO_PASSWORD_CHANGES);
}

export function requestReset({ request }: PasswordState, locale: string, now: Date): PasswordDomainEvent[] {
  const expiresAt = new Date(now.getTime() + RESET_HOURS * 60 * 60 * 1000).toISOString();
  return [{ type: 'PasswordResetRequested', data: { issue: (request?.issue ?? 0) + 1, expiresAt, locale } }];
}

/**
 * The request behind a link of this issue, while it can be used.
 * @throws RuleBroken `password-reset-not-found`, `password-reset-superseded`, `password-reset-used`,
 * `password-reset-expired`
 */
export function usableReset({ request }: PasswordState, issue: number, now: Date): ResetRequest {
  if (!request || issue < 1 || issue > request.issue) throw new RuleBroken('password-reset-not-found');
  if (issue < request.issue) throw new RuleBroken('password-reset-superseded');
  if (request.isUsed) throw new RuleBroken('password-reset-used');
  if (Date.parse(request.expiresAt) <= now.getTime()) throw new RuleBroken('password-reset-expired');
  return request;
}

export function changePassword(how: PasswordChangeReason, changeId: string): PasswordDomainEvent[] {
  return [{ type: 'PasswordChanged', data: { how, changeId } }];
}
