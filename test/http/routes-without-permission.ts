import type { ProblemCode } from '../../src/shared/problems/problem-codes.js';

/**
 * The callers whom a route without a permission lets in. A route fails the test when it names no permission and isn't
 * here.
 */
export interface Opening {
  why: string;
  /** A caller whose role at the organisation gives the least: an auditor. */
  lowest: 'let in' | 'forbidden' | 'not found';
  /** A caller with a role in another deployment of the organisation, and none at the organisation. */
  elsewhere: 'let in' | 'forbidden' | 'not found';
  /** The same for things of the organisation itself, where it differs. */
  elsewhereAbove?: 'let in';
  /** The code of `forbidden`, where it is another. */
  code?: ProblemCode;
}

const ANYBODY = { lowest: 'let in', elsewhere: 'let in' } as const;
const INVITEES = { why: 'the invitee alone', lowest: 'not found', elsewhere: 'not found' } as const;
const INVITERS = {
  why: 'the policy of its type of invitation decides',
  lowest: 'not found',
  elsewhere: 'not found',
} as const;
const WEEKS = {
  why: 'the type of invitation that the call names decides',
  lowest: 'forbidden',
  elsewhere: 'let in',
} as const;
const MEMBERS = { why: "the group's members alone", lowest: 'not found', elsewhere: 'not found' } as const;
const ADMINISTRATORS = {
  why: "the group's administrators alone",
  lowest: 'not found',
  elsewhere: 'not found',
} as const;
const ACCOUNT_ADMINISTRATORS = {
  why: 'owners of the organisation and super-admins alone',
  lowest: 'not found',
  elsewhere: 'not found',
} as const;
/** Callers change their own. These don't know the password that the example of the body names. */
const OWN_PASSWORD = {
  why: 'everybody changes their own, which the call names',
  lowest: 'forbidden',
  elsewhere: 'forbidden',
  code: 'wrong-password',
} as const;
const SUPER_ADMINS = { why: 'super-admins alone', lowest: 'forbidden', elsewhere: 'forbidden' } as const;

const GROUP_HISTORY = {
  why: "the group's administrators, and holders of `audit.view` at the organisation",
  lowest: 'let in',
  elsewhere: 'not found',
} as const;
/** An auditor would be let in by the alias. */
const STORIES = {
  why: 'who may see the thing, or holds `audit.view` where it is',
  lowest: 'not found',
  elsewhere: 'not found',
} as const;

export const ROUTES_WITHOUT_PERMISSION: Readonly<Record<string, Opening>> = {
  'GET /v1/me': { why: 'shows the caller alone', ...ANYBODY },
  'PATCH /v1/me': { why: 'everybody has a name of their own', ...ANYBODY },
  'DELETE /v1/me': { ...OWN_PASSWORD, why: 'everybody closes their own account, which the call names' },
  'GET /v1/me/invitations': { why: "lists the caller's invitations", ...ANYBODY },
  'POST /v1/me/invitations/{id}/accept': INVITEES,
  'POST /v1/me/invitations/{id}/decline': INVITEES,
  'POST /v1/auth/sign-out': { why: "ends the caller's own session", ...ANYBODY },
  'POST /auth/sign-out': { why: "ends the caller's own session", ...ANYBODY },
  'POST /v1/auth/password': OWN_PASSWORD,
  'POST /auth/password': OWN_PASSWORD,
  'POST /v1/me/address': OWN_PASSWORD,
  'GET /v1/me/sessions': { why: "lists the caller's own", ...ANYBODY },
  'DELETE /v1/me/sessions': { why: "ends the caller's own", ...ANYBODY },
  'DELETE /v1/me/sessions/{id}': { ...INVITEES, why: "ends one of the caller's own" },
  'GET /v1/organisations/{id}/invitation-batches': { why: 'lists those that the caller may see', ...ANYBODY },
  'GET /v1/organisations/{id}/invitation-weeks': WEEKS,
  'GET /v1/deployments/{id}/invitation-weeks': { ...WEEKS, elsewhere: 'not found' },
  'GET /v1/invitation-batches/{id}': INVITERS,
  'GET /v1/invitation-batches/{id}/failures': INVITERS,
  'POST /v1/invitation-batches/{id}/undo': INVITERS,
  'GET /v1/organisations': { why: 'lists those in which the caller has a role', ...ANYBODY },
  'GET /v1/organisations/{id}': {
    why: 'any role in the organisation or below it, its group members and patients',
    ...ANYBODY,
  },
  'GET /v1/organisations/{id}/deployments': { why: 'lists those in which the caller has a role', ...ANYBODY },
  'GET /v1/deployments': { why: 'lists those that the caller may see', ...ANYBODY },
  'GET /v1/deployments/{id}': {
    why: 'any role that holds there, and its patients',
    lowest: 'let in',
    elsewhere: 'not found',
  },
  'GET /v1/organisations/{id}/roles': { why: 'any role in the organisation, or below it', ...ANYBODY },
  'GET /v1/deployments/{id}/roles': { why: 'any role that holds there', lowest: 'let in', elsewhere: 'not found' },
  'GET /v1/me/access': { why: 'answers for the caller alone', ...ANYBODY },
  'GET /v1/me/notices': { why: 'shows what the caller chose', ...ANYBODY },
  'PATCH /v1/me/notices': { why: 'everybody chooses for themselves', ...ANYBODY },
  'GET /v1/me/unsubscriptions': { why: 'lists what the caller unsubscribed from', ...ANYBODY },
  'DELETE /v1/me/unsubscriptions/{id}': { ...INVITEES, why: 'the caller alone, for themselves' },
  'GET /v1/organisations/{id}/groups': { why: "lists the caller's groups", ...ANYBODY },
  'GET /v1/groups/{id}': { why: 'its members and account administrators', lowest: 'not found', elsewhere: 'not found' },
  'PATCH /v1/groups/{id}': ADMINISTRATORS,
  'DELETE /v1/groups/{id}': ACCOUNT_ADMINISTRATORS,
  'POST /v1/groups/{id}/restore': ACCOUNT_ADMINISTRATORS,
  'GET /v1/groups/{id}/members': MEMBERS,
  'PATCH /v1/group-members/{id}': ADMINISTRATORS,
  'DELETE /v1/group-members/{id}': { ...ADMINISTRATORS, why: "the group's administrators, and the member who leaves" },
  'POST /v1/groups/{id}/invitations': ADMINISTRATORS,
  'POST /v1/groups/{id}/invitations/import': ADMINISTRATORS,
  'GET /v1/groups/{id}/invitations': ADMINISTRATORS,
  'GET /v1/groups/{id}/network': ADMINISTRATORS,
  'GET /v1/group-invitations/{id}': ADMINISTRATORS,
  'PATCH /v1/group-invitations/{id}': ADMINISTRATORS,
  'POST /v1/group-invitations/{id}/resend': ADMINISTRATORS,
  'DELETE /v1/group-invitations/{id}': ADMINISTRATORS,
  'POST /v1/groups/{id}/files': { ...MEMBERS, why: "the group's content creators alone" },
  'GET /v1/groups/{id}/files': MEMBERS,
  'GET /v1/group-files/{id}': MEMBERS,
  'PATCH /v1/group-files/{id}': { ...MEMBERS, why: 'members with content-creator rights on the file' },
  'DELETE /v1/group-files/{id}': { ...MEMBERS, why: 'members with content-creator rights on the file' },
  'PUT /v1/group-files/{id}/content': { ...MEMBERS, why: 'members with content-creator rights on the file' },
  'GET /v1/group-files/{id}/content': MEMBERS,
  'GET /v1/group-files/{id}/preview': MEMBERS,
  'GET /v1/group-files/{id}/versions': MEMBERS,
  'PUT /v1/group-files/{id}/exceptions/{memberId}': ADMINISTRATORS,
  'DELETE /v1/group-files/{id}/exceptions/{memberId}': ADMINISTRATORS,
  'GET /v1/group-files/{id}/access': ADMINISTRATORS,
  'GET /v1/groups/{id}/files/{fileId}/access': ADMINISTRATORS,
  'GET /v1/me/history': { why: 'lists what happened to the caller', ...ANYBODY },
  'GET /v1/groups/{id}/history': GROUP_HISTORY,
  'GET /v1/groups/{id}/access': GROUP_HISTORY,
  'GET /v1/groups/{id}/access/diff': GROUP_HISTORY,
  'GET /v1/groups/{id}/access/changes': GROUP_HISTORY,
  'GET /v1/access/{id}/explanation': {
    ...STORIES,
    why: "holders of `audit.view` where the grant is, and the group's administrators",
  },
  'GET /v1/staff/{id}/history': STORIES,
  'GET /v1/patients/{id}/history': STORIES,
  'GET /v1/observers/{id}/history': STORIES,
  'GET /v1/group-members/{id}/history': STORIES,
  'GET /v1/staff-invitations/{id}/history': STORIES,
  'GET /v1/patient-invitations/{id}/history': STORIES,
  'GET /v1/observer-invitations/{id}/history': STORIES,
  'GET /v1/group-invitations/{id}/history': STORIES,
  'POST /v1/history/{id}/revert': { ...STORIES, why: 'who may see the entry and may do the opposite' },
  'GET /v1/roles/{id}/history': {
    why: 'holders of a role where it can be given',
    lowest: 'let in',
    elsewhere: 'not found',
    elsewhereAbove: 'let in',
  },
  'POST /v1/organisations/{id}/restore': SUPER_ADMINS,
  'POST /v1/deployments/{id}/restore': { ...SUPER_ADMINS, elsewhere: 'not found' },
  'GET /v1/mail-server': SUPER_ADMINS,
  'GET /v1/projections': SUPER_ADMINS,
  'GET /v1/instances': SUPER_ADMINS,
  'GET /v1/outbox': SUPER_ADMINS,
  'POST /v1/outbox/{key}/retry': SUPER_ADMINS,
  'POST /v1/projections/{name}/resume': SUPER_ADMINS,
  'POST /v1/projections/{name}/rebuild': SUPER_ADMINS,
  'POST /v1/projections/history/verify': SUPER_ADMINS,
};

/** The routes that need no sign-in, with the reason. Any other such route fails the test. */
export const OPEN_ROUTES: Readonly<Record<string, string>> = {
  'POST /v1/auth/sign-in/email': 'the caller signs in here',
  'POST /auth/sign-in/email': 'the caller signs in here',
  'POST /v1/auth/password-reset': 'the mailbox is the proof',
  'POST /auth/password-reset': 'the mailbox is the proof',
  'POST /v1/auth/password-reset/{token}': 'the link is the proof',
  'POST /auth/password-reset/{token}': 'the link is the proof',
  'GET /v1/address-changes/{token}': 'the link is the proof',
  'POST /v1/address-changes/{token}': 'the link is the proof',
  'GET /v1/address-undos/{token}': 'the link is the proof',
  'POST /v1/address-undos/{token}': 'the link is the proof',
  'GET /v1/invitations/{token}': 'the link is the proof',
  'POST /v1/invitations/{token}/accept': 'the link is the proof',
  'POST /v1/invitations/{token}/decline': 'the link is the proof',
  'GET /v1/links/{token}': 'the holder of the link may know where it leads',
  'POST /v1/links/{token}/requests': 'the product sends the invitation by mail',
};
