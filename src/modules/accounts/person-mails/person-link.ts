import type { EventStore, History } from '../../../shared/event-sourcing/event-store.js';
import type { LinkTokens } from '../../../shared/http/links/link-token.js';
import { personStream } from '../../people/people.domain.contract.js';

/** What a genuine link is about: the person, and which of the events. */
export interface PersonLink {
  personId: string;
  issue: number;
  history: History;
}

/**
 * Reads a mailed link that is derived from the person, the issue and the id of an event on the person's stream. Changes
 * nothing.
 * @returns null for any other text
 */
export async function readPersonLink(
  tokens: LinkTokens,
  store: EventStore,
  token: string,
  { kind, eventType }: { kind: string; eventType: string },
): Promise<PersonLink | null> {
  const claim = tokens.read(token);
  if (claim?.kind !== kind) return null;
  const { streamUuid: personId, issue } = claim;
  const history = await store.read(personStream(personId));
  const event = history.find(({ type, data }) => type === eventType && data['issue'] === issue);
  return event && tokens.verify(token, event.id) ? { personId, issue, history } : null;
}
