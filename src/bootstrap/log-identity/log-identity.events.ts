import { text, type DeclaredStreams, type Shapes } from '../../shared/event-sourcing/event-shapes.js';

/** The only event of the stream that holds the log's id. */
export interface LogIdentityDomainEvents {
  LogOpened: { logId: string };
}

const LOG_IDENTITY_SHAPES: Shapes<LogIdentityDomainEvents> = { LogOpened: { logId: text } };

/** Has no category, so that no follower, export or import reads the stream. */
export const LOG_IDENTITY_STREAMS = { category: null, types: LOG_IDENTITY_SHAPES } as const satisfies DeclaredStreams;
