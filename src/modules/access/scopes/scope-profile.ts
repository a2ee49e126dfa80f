import { fields, nullable, number, text } from '../../../shared/event-sourcing/event-shapes.js';

/** Planned numbers; null for none. */
export interface Targets {
  patients: number | null;
  staff: number | null;
}

/** The addresses of what people agree to; null for none. */
export interface Policies {
  privacyPolicyUrl: string | null;
  termsUrl: string | null;
}

/** The fields that organisations and deployments share. */
export interface ScopeProfile extends Policies {
  name: string;
  targets: Targets;
}

/** The fields of a profile in stored events. */
export const PROFILE_SHAPE = {
  name: text,
  privacyPolicyUrl: nullable(text),
  termsUrl: nullable(text),
  targets: fields({ patients: nullable(number), staff: nullable(number) }),
};
