/** What other modules may ask of the patients: where somebody is one, what a patient link opens, and where the app is. */
export { ListOwnEnrolments } from './list-own-enrolments.query.js';
export { EnrolmentView } from './patient.dto.js';
export { ReadAppLinks } from './read-app-links.query.js';
export { ReadPatientLink } from './read-patient-link.query.js';
export { RequestThroughLink } from './request-through-link.command.js';
