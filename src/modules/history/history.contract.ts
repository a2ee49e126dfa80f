/** What other modules may use of the history: the queries of its routes, and their words. */
export {
  AccessChangesDto,
  AccessDiffDto,
  AccessListDto,
  type AccessPage,
  type AccessDiffPage,
  type GrantView,
} from './access/access.dto.js';
export { DiffAccess } from './access/diff-access.query.js';
export { ListAccess } from './access/list-access.query.js';
export { EntryLocator, type LocatedEntry } from './reading/entry-locator.js';
export { type Kind, kindOf, KINDS } from './fold/kinds.js';
export { ExplainAccess } from './explanation/explain-access.query.js';
export { type GrantName } from './explanation/explained-grants.js';
export { ExplanationDto, type AnyLinkView, type ExplanationView } from './explanation/explanation.dto.js';
export { ListAccessSteps } from './steps/list-access-steps.query.js';
export { type HistoryEntryView, HistoryListDto } from './timeline/history.dto.js';
export { ListHistory } from './timeline/list-history.query.js';
export { ReadOwnHistory } from './timeline/read-own-history.query.js';
export { ReadStory } from './timeline/read-story.query.js';
export { HistoryVerifier } from './verification/history-verifier.js';
