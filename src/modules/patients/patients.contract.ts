/** What other modules may use of patients: a person's enrolments, patient links, and links to the app. */
export { ListOwnEnrolments } from './enrolment/list-own-enrolments.query.js';
export { EnrolmentView } from './enrolment/patient.dto.js';
export { ReadAppLinks } from './invitations/read-app-links.query.js';
export { ReadPatientLink } from './invite-links/read-patient-link.query.js';
export { RequestThroughLink } from './invite-links/request-through-link.command.js';
