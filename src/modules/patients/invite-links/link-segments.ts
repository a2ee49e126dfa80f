/** The first segments of the paths of patient links, on pages and in the API. */
export const PATIENT_LINK_SEGMENTS = ['join', 'links'] as const;
