/** The first segments of the paths of mailed links, in the API and on pages. */
export const INVITATION_LINK_SEGMENTS = ['invitations', 'unsubscribe'] as const;
