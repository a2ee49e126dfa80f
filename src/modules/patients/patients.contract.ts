/** What other modules may ask of the patients: where somebody is one, and what a patient link opens. */
export { ListOwnEnrolments } from './list-own-enrolments.query.js';
export { EnrolmentView } from './patient.dto.js';
export { ReadPatientLink } from './read-patient-link.query.js';
export { RequestThroughLink } from './request-through-link.command.js';
