/** What the paths of mailed links begin with, in the API and on pages. */
export const INVITATION_LINK_SEGMENTS = ['invitations', 'unsubscribe'] as const;
