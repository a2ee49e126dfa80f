export const PASSWORD_RESET_SEGMENT = 'password-reset';
export const ADDRESS_CHANGE_SEGMENT = 'address';
export const ADDRESS_UNDO_SEGMENT = 'address-undo';

/** What the paths of mailed links begin with, in the API and on pages. */
export const ACCOUNT_LINK_SEGMENTS = [
  PASSWORD_RESET_SEGMENT,
  ADDRESS_CHANGE_SEGMENT,
  'address-changes',
  ADDRESS_UNDO_SEGMENT,
  'address-undos',
] as const;
