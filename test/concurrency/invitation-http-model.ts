import type { ExpiryWindow } from '../../src/modules/invitations/domain/expiry-windows.js';
import { expected, idAt, nothingYet, type Lifecycle } from '../support/invitation-model.js';

/** Two roles to offer. An access controller may offer the second alone. Source: docs/domain.md §4 */
export const OFFERED = ['contributor', 'deployment-staff'] as const;
export type Offered = (typeof OFFERED)[number];
/** The roles of the inviter, and the roles that each may offer: both, one, none. Source: docs/domain.md §4 */
export const MAY_OFFER = {
  admin: OFFERED,
  'access-controller': ['deployment-staff'],
  contributor: [],
} as const satisfies Record<string, readonly Offered[]>;
export type InviterRole = keyof typeof MAY_OFFER;
export type State = 'pending' | 'accepted' | 'declined' | 'revoked' | 'expired';
export const STATES: readonly State[] = ['pending', 'accepted', 'declined', 'revoked', 'expired'];

/** The caller. The inviter may lose the right to invite, and the super-admin can't. */
export type By = 'inviter' | 'super-admin';
/**
 * The caller who answers a link. A newcomer sends a name and a password, even when the invitee has an account. `nobody`
 * sends neither.
 */
export type Holder = 'invitee' | 'newcomer' | 'nobody' | 'stranger';

/** `back` counts links, or their invitations, from the newest, which is 0. It may be larger than their number. */
export type Write =
  | { do: 'invite'; by: By; role: Offered; window: ExpiryWindow | undefined }
  | { do: 'resend'; by: By; back: number; window: ExpiryWindow | undefined }
  | { do: 'revoke'; by: By; back: number }
  | { do: 'accept' | 'decline'; as: Holder; back: number }
  | { do: 'accept own' | 'decline own'; back: number }
  | { do: 'remove' }
  | { do: 'change inviter'; to: InviterRole }
  | { do: 'archive' | 'restore' };
export type Read =
  | { do: 'open link'; back: number }
  | { do: 'see'; by: By; back: number }
  | { do: 'list'; state: State | undefined }
  | { do: 'list own' };
export type Call = Write | Read;

/** One person in one scope, by the rules of docs/domain.md. */
export interface Model {
  lifecycle: Lifecycle;
  /** All invitations, oldest first. `former` is the last state of each but the newest. */
  invitations: { id: string; role: Offered; invitedBy: By; former?: State }[];
  issuedBy: By;
  inviter: InviterRole;
  archived: boolean;
  member: Offered | null;
  account: boolean;
}

export function nobodyInvited(account: boolean): Model {
  return {
    lifecycle: nothingYet(),
    invitations: [],
    issuedBy: 'super-admin',
    inviter: 'admin',
    archived: false,
    member: null,
    account,
  };
}

/** The moment of a call. Calls that race were all made before any of them had an effect. */
export interface Moment {
  /** Epoch milliseconds. */
  now: number;
  /** The number of links when the call was made. */
  links: number;
  /** The id of the invitation, if the call makes one. */
  nextId: string;
}

/** The product's answer, by the rules of docs/domain.md §4 to §6. Updates the model. */
export function answerTo(model: Model, made: Call, { now, links, nextId }: Moment): string {
  const call =
    'back' in made
      ? { ...made, back: made.back < links ? made.back + model.lifecycle.links.length - links : Infinity }
      : made;
  switch (call.do) {
    case 'invite':
      return refused(model, call.by, call.role) ?? invite(model, call.by, call.role, call.window ?? '7d', now, nextId);
    case 'resend':
    case 'revoke':
      return change(model, call, now);
    case 'accept':
    case 'decline':
      if (call.back >= model.lifecycle.links.length) return '404 invitation-not-found';
      if (call.as === 'stranger') return '409 wrong-account';
      return call.do === 'accept' ? accept(model, call.back, call.as, now) : decline(model, call.back, now);
    case 'accept own':
    case 'decline own': {
      if (!model.account) return '401 unauthenticated';
      const id = idAt(model.lifecycle, call.back);
      if (id === 'never') return '404 not-found';
      const newestOfIt = model.lifecycle.links.toReversed().findIndex(({ invitationId }) => invitationId === id);
      return call.do === 'accept own' ? accept(model, newestOfIt, 'invitee', now) : decline(model, newestOfIt, now);
    }
    case 'remove':
      if (model.member === null) return '404 not-found';
      if (model.archived) return '409 scope-archived';
      model.member = null;
      return '204';
    case 'change inviter':
      if (model.archived) return '409 scope-archived';
      model.inviter = call.to;
      return '200';
    case 'archive':
      if (model.archived) return '409 scope-archived';
      model.archived = true;
      return '200';
    case 'restore':
      model.archived = false;
      return '200';
    case 'open link': {
      const word = expected(structuredClone(model.lifecycle), { do: 'accept', back: call.back }, now, '');
      if (word === 'invitation-not-found') return `404 ${word}`;
      return word === 'InvitationAccepted'
        ? `200 ${newest(model)} for ${model.account ? 'an account' : 'a newcomer'}`
        : `410 ${word}`;
    }
    case 'see': {
      const id = idAt(model.lifecycle, call.back);
      if (id === 'never') return '404 not-found';
      return sees(model, call.by, id, now) ? `200 ${id} ${stateOf(model, id, now)}` : '404 not-found';
    }
    case 'list':
      return `200 ${listed(model, call.state, now)}`;
    case 'list own':
      return model.account ? `200 ${listed(model, 'pending', now)}` : '401 unauthenticated';
  }
}

/** The newest invitation and the membership, as the product shows them. */
export function sightOf(model: Model, now: number): string {
  const id = idAt(model.lifecycle, 0);
  const invitation =
    id === 'never'
      ? 'no invitation'
      : `${id} ${stateOf(model, id, now)}, issue ${String(model.lifecycle.links.length)}: ${newest(model)}`;
  return `${invitation}; ${model.member ? `member as ${model.member}` : 'no member'}`;
}

/** The ids and states of the invitations, sorted. */
export function listed(model: Model, state: State | undefined, now: number): string {
  const all = model.invitations.map(({ id }) => ({ id, state: stateOf(model, id, now) }));
  return wordsOf(all.filter((invitation) => state === undefined || invitation.state === state));
}

export function wordsOf(invitations: readonly { id: string; state: string }[]): string {
  return invitations
    .map(({ id, state }) => `${id} ${state}`)
    .sort()
    .join(', ');
}

/** The newest issue's role, and the moment when it ends. */
function newest({ lifecycle, invitations }: Model): string {
  return `${invitations.at(-1)!.role} until ${new Date(lifecycle.links.at(-1)!.closes).toISOString()}`;
}

function stateOf({ lifecycle, invitations }: Model, id: string, now: number): State {
  const former = invitations.find((invitation) => invitation.id === id)?.former;
  return former ?? lifecycle.ended ?? (now >= lifecycle.links.at(-1)!.closes ? 'expired' : 'pending');
}

function refused(model: Model, by: By, role: Offered): string | null {
  if (by === 'inviter' && model.inviter === 'contributor') return '403 forbidden';
  if (model.archived) return '409 scope-archived';
  return holds(model, by, role) ? null : '403 role-not-grantable';
}

/**
 * Whether the caller sees the invitation by its stored id. A contributor sees only invitations that they sent and that
 * nobody has accepted. Source: docs/domain.md §5.2
 */
function sees(model: Model, by: By, id: string, now: number): boolean {
  if (by === 'super-admin' || model.inviter !== 'contributor') return true;
  const { invitedBy } = model.invitations.find((invitation) => invitation.id === id)!;
  return invitedBy === 'inviter' && stateOf(model, id, now) !== 'accepted';
}

function holds(model: Model, by: By, role: Offered): boolean {
  return by === 'super-admin' || MAY_OFFER[model.inviter].some((offered) => offered === role);
}

function invite(model: Model, by: By, role: Offered, window: ExpiryWindow, now: number, nextId: string): string {
  if (model.member) return '201 already-member';
  const last = model.invitations.at(-1);
  const state = last && stateOf(model, last.id, now);
  if (expected(model.lifecycle, { do: 'invite', window }, now, nextId) === 'nothing')
    return `201 already-pending ${idAt(model.lifecycle, 0)}`;
  if (last) last.former = state!;
  model.invitations.push({ id: nextId, role, invitedBy: by });
  model.issuedBy = by;
  return `201 invited ${nextId}`;
}

function change(model: Model, call: Write & { do: 'resend' | 'revoke' }, now: number): string {
  const id = idAt(model.lifecycle, call.back);
  if (id === 'never' || !sees(model, call.by, id, now)) return '404 not-found';
  const refusal = refused(model, call.by, model.invitations.find((invitation) => invitation.id === id)!.role);
  if (refusal) return refusal;
  const word = expected(model.lifecycle, call, now, '');
  if (word.startsWith('not-')) return `409 ${word}`;
  if (call.do === 'revoke') return '204';
  model.issuedBy = call.by;
  return '200';
}

function accept(model: Model, back: number, as: Holder, now: number): string {
  // A repeated acceptance succeeds and changes nothing. It is refused once the membership has ended, because its answer
  // would be false.
  if (as === 'invitee' && back === 0 && model.lifecycle.ended === 'accepted' && model.member !== null) return '200';
  const after = structuredClone(model.lifecycle);
  const word = expected(after, { do: 'accept', back }, now, '');
  if (word !== 'InvitationAccepted') return `410 ${word}`;
  if (model.archived) return '409 scope-archived';
  const { role } = model.invitations.at(-1)!;
  if (!holds(model, model.issuedBy, role)) return '409 inviter-lost-authority';
  if (as !== 'invitee' && model.account) return '409 account-exists';
  if (as === 'nobody') return '400 invalid-input';
  Object.assign(model, { lifecycle: after, member: role, account: true });
  return '200';
}

function decline(model: Model, back: number, now: number): string {
  if (model.archived) return '409 scope-archived';
  const word = expected(model.lifecycle, { do: 'decline', back }, now, '');
  return word === 'InvitationDeclined' ? '204' : `410 ${word}`;
}
