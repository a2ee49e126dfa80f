/** What other modules may ask of the patients: where somebody is one. */
export { ListOwnEnrolments } from './list-own-enrolments.query.js';
export { EnrolmentView } from './patient.dto.js';
