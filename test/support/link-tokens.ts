import { INVITATION_TYPES } from '../../src/bootstrap/invitation-types.js';
import { LinkTokens } from '../../src/shared/http/links/link-token.js';

/** The link tokens of every invitation type, with these secrets. */
export function linkTokens(secrets: readonly Buffer[]): LinkTokens {
  const tokens = new LinkTokens(secrets);
  for (const { kind, linkNumber } of INVITATION_TYPES) tokens.register(kind, linkNumber);
  return tokens;
}
