import type { Sealed } from '../../../shared/crypto/sealing.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { AccountClosingEvent } from '../closing/account-closing.events.js';
import type { PasswordEvent } from '../password/password.events.js';
import type { AddressDomainEvent, AddressEvent } from './address.events.js';

/** How long the mailed link confirms a new address. Source: docs/domain.md §15 */
const CONFIRM_HOURS = 1;
/** How long a change can be undone, and the former address means the person. Source: docs/domain.md §15 */
const UNDO_DAYS = 7;
const HOUR_MS = 60 * 60 * 1000;

/** An address as it stands sealed in an event. */
export interface SealedAddress {
  eventId: string;
  field: 'address' | 'from' | 'to';
  sealed: Sealed;
}

/** A person's newest request for another address. */
export interface AddressRequest {
  issue: number;
  /** Id of its event: the link is derived from it. */
  eventId: string;
  expiresAt: string;
  locale: string;
  address: SealedAddress;
  /** `used`: the address or the password was changed since, by this link or otherwise, or the account was closed. */
  status: 'open' | 'used' | 'refused';
}

/** A change that happened. */
export interface AddressChange {
  /** Of the request before it. */
  issue: number;
  /** Id of its event: the link that undoes it is derived from it. */
  eventId: string;
  from: SealedAddress;
  undoUntil: string;
  locale: string;
  /** This change or an earlier one was undone. */
  isUndone: boolean;
}

/** What a person's stream says of their address. */
export interface AddressState {
  /** Null: none was requested. */
  request: AddressRequest | null;
  changes: readonly AddressChange[];
  /** Null: it is the one that the person was recorded with. */
  present: SealedAddress | null;
  /** How often the address has changed, with each undoing. */
  count: number;
}

type RelevantEvent = AddressEvent | AccountClosingEvent | Extract<PasswordEvent, { type: 'PasswordChanged' }>;
const TYPES: readonly string[] = [
  'AddressChangeRequested',
  'AddressChangeRefused',
  'AddressChanged',
  'AddressChangeUndone',
  'PasswordChanged',
  'AccountClosed',
] satisfies RelevantEvent['type'][];

export const NO_ADDRESS_CHANGES: AddressState = { request: null, changes: [], present: null, count: 0 };

export function evolveAddress(state: AddressState, event: RelevantEvent): AddressState {
  const { id: eventId } = event;
  switch (event.type) {
    case 'AddressChangeRequested': {
      const { address: sealed, ...request } = event.data;
      return {
        ...state,
        request: { ...request, eventId, address: { eventId, field: 'address', sealed }, status: 'open' },
      };
    }
    case 'AddressChangeRefused':
      return { ...state, request: ended(state.request, 'refused') };
    case 'AddressChanged': {
      const { from, to, ...change } = event.data;
      return {
        request: ended(state.request, 'used'),
        changes: [
          ...state.changes,
          { ...change, eventId, from: { eventId, field: 'from', sealed: from }, isUndone: false },
        ],
        present: { eventId, field: 'to', sealed: to },
        count: state.count + 1,
      };
    }
    case 'AddressChangeUndone': {
      const { issue, address: sealed } = event.data;
      return {
        request: ended(state.request, 'used'),
        // Later changes may be those of a stranger who tried to get out of reach.
        changes: state.changes.map((change) => (change.issue < issue ? change : { ...change, isUndone: true })),
        present: { eventId, field: 'address', sealed },
        count: state.count + 1,
      };
    }
    case 'PasswordChanged':
    case 'AccountClosed':
      return { ...state, request: ended(state.request, 'used') };
  }
}

/** The first end stays. */
function ended(request: AddressRequest | null, status: 'used' | 'refused'): AddressRequest | null {
  return request?.status === 'open' ? { ...request, status } : request;
}

/** The stream holds other choices of the person, too. */
export function addressFrom(history: readonly StoredEvent[]): AddressState {
  return (history as readonly RelevantEvent[])
    .filter(({ type }) => TYPES.includes(type))
    .reduce(evolveAddress, NO_ADDRESS_CHANGES);
}

/** The addresses before changes that stand and can still be undone. One address may be there twice. */
export function formerAddresses({ changes }: AddressState, now: Date): AddressChange[] {
  return changes.filter(({ isUndone, undoUntil }) => !isUndone && Date.parse(undoUntil) > now.getTime());
}

export function nextIssue({ request }: AddressState): number {
  return (request?.issue ?? 0) + 1;
}

/** @param address sealed for the field `address` of this event */
export function requestChange(state: AddressState, address: Sealed, locale: string, now: Date): AddressDomainEvent[] {
  const expiresAt = new Date(now.getTime() + CONFIRM_HOURS * HOUR_MS).toISOString();
  return [{ type: 'AddressChangeRequested', data: { issue: nextIssue(state), expiresAt, locale, address } }];
}

/**
 * The request behind a link of this issue, while it can be used.
 * @throws RuleBroken `address-change-not-found`, `address-change-superseded`, `address-change-used`, `address-taken`,
 * `address-change-expired`
 */
export function usableRequest({ request }: AddressState, issue: number, now: Date): AddressRequest {
  if (!request || issue < 1 || issue > request.issue) throw new RuleBroken('address-change-not-found');
  if (issue < request.issue) throw new RuleBroken('address-change-superseded');
  if (request.status === 'used') throw new RuleBroken('address-change-used');
  if (request.status === 'refused') throw new RuleBroken('address-taken');
  if (Date.parse(request.expiresAt) <= now.getTime()) throw new RuleBroken('address-change-expired');
  return request;
}

/** @param sealed for the fields `from` and `to` of this event */
export function changeAddress(
  { issue, locale }: AddressRequest,
  sealed: { from: Sealed; to: Sealed },
  now: Date,
): AddressDomainEvent[] {
  const undoUntil = new Date(now.getTime() + UNDO_DAYS * 24 * HOUR_MS).toISOString();
  return [{ type: 'AddressChanged', data: { issue, ...sealed, undoUntil, locale } }];
}

/** The address means somebody else. */
export function refuseChange({ issue }: AddressRequest): AddressDomainEvent[] {
  return [{ type: 'AddressChangeRefused', data: { issue } }];
}

/**
 * The change behind a link that undoes it, while it can be undone.
 * @throws RuleBroken `address-undo-not-found`, `address-undo-used`, `address-undo-expired`
 */
export function undoableChange({ changes }: AddressState, issue: number, now: Date): AddressChange {
  const change = changes.find((one) => one.issue === issue);
  if (!change) throw new RuleBroken('address-undo-not-found');
  if (change.isUndone) throw new RuleBroken('address-undo-used');
  if (Date.parse(change.undoUntil) <= now.getTime()) throw new RuleBroken('address-undo-expired');
  return change;
}

/** @param address the one before the change, sealed for the field `address` of this event */
export function undoChange({ issue }: AddressChange, address: Sealed): AddressDomainEvent[] {
  return [{ type: 'AddressChangeUndone', data: { issue, address } }];
}
