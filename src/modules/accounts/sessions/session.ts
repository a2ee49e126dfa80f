import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import type { SessionDomainEvent, SessionEnd, SessionEvent, SessionStart } from './session.events.js';

/** `unknown`: the session began in a version that recorded none. */
export interface Session {
  status: 'unknown' | 'open' | 'ended';
}

export const UNKNOWN_SESSION: Session = { status: 'unknown' };

/** The stream of one session. @param id of its row */
export function sessionStream(id: string): string {
  return StreamId.of('session', id);
}

export function evolveSession(_session: Session, { type }: Pick<SessionEvent, 'type'>): Session {
  return { status: type === 'SessionStarted' ? 'open' : 'ended' };
}

export function sessionFrom(history: readonly StoredEvent[]): Session {
  return (history as readonly SessionEvent[]).reduce<Session>(evolveSession, UNKNOWN_SESSION);
}

/** Nothing on a repeat. */
export function startSession(session: Session, personId: string, by: SessionStart): SessionDomainEvent[] {
  return session.status === 'unknown' ? [{ type: 'SessionStarted', data: { personId, by } }] : [];
}

/** Nothing on a repeat, and nothing for a session whose start isn't recorded. */
export function endSession(session: Session, how: SessionEnd): SessionDomainEvent[] {
  return session.status === 'open' ? [{ type: 'SessionEnded', data: { how } }] : [];
}
