/** What other modules may use of operations, for pages: the state of the installation, and what operators do about it. */
export { ListInstances } from './instances/list-instances.query.js';
export { ListOutbox } from './outbox/list-outbox.query.js';
export { OutboxListDto } from './outbox/outbox.dto.js';
export { RetryMail } from './outbox/retry-mail.command.js';
export { ListProjections } from './read-models/list-projections.query.js';
export { RebuildProjection } from './read-models/rebuild-projection.command.js';
export { ResumeProjection } from './read-models/resume-projection.command.js';
