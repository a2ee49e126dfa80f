/** What other modules may use of organisations: pages show one, and those that a person may see. */
export { GetOrganisation } from './get-organisation.query.js';
export { ListOrganisations } from './list-organisations.query.js';
