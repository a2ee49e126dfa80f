/** Source: DOMAIN §3 */
export const PATIENT_WINDOWS = ['24h', '48h', '7d', '1y'] as const;
