/** Whom a route lets in that names no permission. A route that is neither here nor names one fails the test. */
export interface Opening {
  why: string;
  /** Somebody whose role at the organisation gives the least: an auditor. */
  lowest: 'let in' | 'forbidden' | 'not found';
  /** Somebody with a role in another deployment of the organisation, and none at the organisation. */
  elsewhere: 'let in' | 'forbidden' | 'not found';
}

const ANYBODY = { lowest: 'let in', elsewhere: 'let in' } as const;
const INVITEES = { why: 'the invitee alone', lowest: 'not found', elsewhere: 'not found' } as const;
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
const SUPER_ADMINS = { why: 'super-admins alone', lowest: 'forbidden', elsewhere: 'forbidden' } as const;

export const ROUTES_WITHOUT_PERMISSION: Readonly<Record<string, Opening>> = {
  'GET /v1/me': { why: 'shows the caller alone', ...ANYBODY },
  'GET /v1/me/invitations': { why: 'lists what waits for the caller', ...ANYBODY },
  'POST /v1/me/invitations/{id}/accept': INVITEES,
  'POST /v1/me/invitations/{id}/decline': INVITEES,
  'POST /v1/auth/sign-out': { why: "ends the caller's own session", ...ANYBODY },
  'POST /auth/sign-out': { why: "ends the caller's own session", ...ANYBODY },
  'GET /v1/organisations': { why: 'lists those the caller has a role in', ...ANYBODY },
  'GET /v1/organisations/{id}': {
    why: 'any role in the organisation or below it, its group members and patients',
    ...ANYBODY,
  },
  'GET /v1/organisations/{id}/deployments': { why: 'lists those the caller has a role in', ...ANYBODY },
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
  'GET /v1/organisations/{id}/groups': { why: 'lists those the caller is in', ...ANYBODY },
  'GET /v1/groups/{id}': { why: 'its members and account administrators', lowest: 'not found', elsewhere: 'not found' },
  'PATCH /v1/groups/{id}': ADMINISTRATORS,
  'DELETE /v1/groups/{id}': ACCOUNT_ADMINISTRATORS,
  'POST /v1/groups/{id}/restore': ACCOUNT_ADMINISTRATORS,
  'GET /v1/groups/{id}/members': MEMBERS,
  'PATCH /v1/group-members/{id}': ADMINISTRATORS,
  'DELETE /v1/group-members/{id}': { ...ADMINISTRATORS, why: "the group's administrators, and whoever leaves" },
  'POST /v1/groups/{id}/invitations': ADMINISTRATORS,
  'POST /v1/groups/{id}/invitations/import': ADMINISTRATORS,
  'GET /v1/groups/{id}/invitations': ADMINISTRATORS,
  'GET /v1/groups/{id}/network': ADMINISTRATORS,
  'GET /v1/group-invitations/{id}': ADMINISTRATORS,
  'POST /v1/group-invitations/{id}/resend': ADMINISTRATORS,
  'DELETE /v1/group-invitations/{id}': ADMINISTRATORS,
  'POST /v1/groups/{id}/files': { ...MEMBERS, why: "the group's content creators alone" },
  'GET /v1/groups/{id}/files': MEMBERS,
  'GET /v1/group-files/{id}': MEMBERS,
  'PATCH /v1/group-files/{id}': { ...MEMBERS, why: 'whoever has content-creator rights on the file' },
  'DELETE /v1/group-files/{id}': { ...MEMBERS, why: 'whoever has content-creator rights on the file' },
  'PUT /v1/group-files/{id}/exceptions/{memberId}': ADMINISTRATORS,
  'DELETE /v1/group-files/{id}/exceptions/{memberId}': ADMINISTRATORS,
  'GET /v1/group-files/{id}/access': ADMINISTRATORS,
  'GET /v1/groups/{id}/files/{fileId}/access': ADMINISTRATORS,
  'POST /v1/organisations/{id}/restore': SUPER_ADMINS,
  'POST /v1/deployments/{id}/restore': { ...SUPER_ADMINS, elsewhere: 'not found' },
  'GET /v1/mail-server': SUPER_ADMINS,
  'GET /v1/projections': SUPER_ADMINS,
  'POST /v1/projections/{name}/resume': SUPER_ADMINS,
  'POST /v1/projections/{name}/rebuild': SUPER_ADMINS,
};

/** Routes that need no sign-in, and why. One that isn't here fails the test. */
export const OPEN_ROUTES: Readonly<Record<string, string>> = {
  'POST /v1/auth/sign-in/email': 'this is how one signs in',
  'POST /auth/sign-in/email': 'this is how one signs in',
  'GET /v1/invitations/{token}': 'the link is the proof',
  'POST /v1/invitations/{token}/accept': 'the link is the proof',
  'POST /v1/invitations/{token}/decline': 'the link is the proof',
  'GET /v1/links/{token}': 'whoever holds the link may know where it leads',
  'POST /v1/links/{token}/requests': 'what it leads to is sent by mail',
};
