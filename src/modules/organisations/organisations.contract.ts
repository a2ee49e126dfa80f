/** What other modules may use of organisations: pages show, create and change them. */
export { ArchiveOrganisation } from './archive-organisation.command.js';
export { CreateOrganisation } from './create-organisation.command.js';
export { EditOrganisation } from './edit-organisation.command.js';
export { GetOrganisation } from './get-organisation.query.js';
export { ListOrganisations } from './list-organisations.query.js';
export { CreateOrganisationDto, EditOrganisationDto } from './organisation.dto.js';
export { VIEW_TYPES } from './organisation.events.js';
export { RestoreOrganisation } from './restore-organisation.command.js';
