/** What other modules may use of people. */
export { NamedPerson } from './named-person.dto.js';
export { type KnownPerson, type PersonOrNew, People } from './people.js';
export {
  hasAddressWith,
  namesPerson,
  PERSON_COLUMNS,
  type PersonDirectoryTables,
  PersonNames,
} from './person-directory.js';
export { Pseudonyms } from './pseudonyms.js';
export { sealReason } from './sealed-reason.js';
