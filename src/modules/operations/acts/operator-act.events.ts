import { text, type DeclaredStreams, type Shapes } from '../../../shared/event-sourcing/event-shapes.js';

/** What operators did to the installation itself. Stored names are permanent. */
export interface OperatorActDomainEvents {
  /** A read model that was paused was asked to go on. */
  ProjectionResumed: { projection: string };
  ProjectionRebuildRequested: { projection: string };
  /** A read model was asked to be compared with the log. */
  ProjectionVerificationRequested: { projection: string };
  /** A mail that had failed was made due at once. `key` is that of its entry in the outbox. */
  MailRetried: { key: string };
}

export type OperatorAct = {
  [Type in keyof OperatorActDomainEvents]: { type: Type; data: OperatorActDomainEvents[Type] };
}[keyof OperatorActDomainEvents];

const SHAPES: Shapes<OperatorActDomainEvents> = {
  ProjectionResumed: { projection: text },
  ProjectionRebuildRequested: { projection: text },
  ProjectionVerificationRequested: { projection: text },
  MailRetried: { key: text },
};

/** One stream, with the id of the platform. */
export const INSTALLATION_STREAMS = { category: 'installation', types: SHAPES } as const satisfies DeclaredStreams;
