import { text, type Shapes } from '../../shared/event-sourcing/event-shapes.js';

/** The only event of the stream that holds the log's id. */
export interface LogIdentityDomainEvents {
  LogOpened: { logId: string };
}

export const LOG_IDENTITY_SHAPES: Shapes<LogIdentityDomainEvents> = { LogOpened: { logId: text } };
