import { text, type Shapes } from '../../shared/event-sourcing/event-shapes.js';

/** The one event of the stream that says which log this is. */
export interface LogIdentityDomainEvents {
  LogOpened: { logId: string };
}

export const LOG_IDENTITY_SHAPES: Shapes<LogIdentityDomainEvents> = { LogOpened: { logId: text } };
