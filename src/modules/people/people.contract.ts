/** What other modules may use of people. */
export { IdentifiedPerson, NamedPerson } from './named-person.dto.js';
export { type KnownPerson, People } from './people.js';
export { PersonAddresses } from './person-addresses.js';
export {
  hasAddressWith,
  namesPerson,
  PERSON_COLUMNS,
  type PersonDirectoryTables,
  PersonNames,
} from './person-directory.js';
export { Pseudonyms } from './pseudonyms.js';
export { sealReason } from './sealed-reason.js';
