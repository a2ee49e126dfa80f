/** What the paths of patient links begin with: on pages, and in the API. */
export const PATIENT_LINK_SEGMENTS = ['join', 'links'] as const;
