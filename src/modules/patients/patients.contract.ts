/** What other modules may use of patients: enrolments, invitations, patient links, and links to the app. */
export { GetPatient } from './enrolment/get-patient.query.js';
export { ListOwnEnrolments } from './enrolment/list-own-enrolments.query.js';
export { OffboardPatient } from './enrolment/offboard-patient.command.js';
export {
  EnrolmentView,
  OffboardDto,
  type PatientDetails,
  PatientListDto,
  type PatientView,
} from './enrolment/patient.dto.js';
export { ReactivatePatient } from './enrolment/reactivate-patient.command.js';
export { InvitePatientsDto, PATIENT_WINDOWS } from './invitations/patient-invitation.dto.js';
export { type PageInApp, ReadAppLinks } from './invitations/read-app-links.query.js';
export { CreatePatientLink } from './invite-links/create-patient-link.command.js';
export { GetPatientLink } from './invite-links/get-patient-link.query.js';
export { GetPatientLinkUrl } from './invite-links/get-patient-link-url.query.js';
export { ListPatientLinks } from './invite-links/list-patient-links.query.js';
export { CreatePatientLinkDto } from './invite-links/patient-link.dto.js';
export { ReadPatientLink } from './invite-links/read-patient-link.query.js';
export { RequestThroughLink } from './invite-links/request-through-link.command.js';
export { RevokePatientLink } from './invite-links/revoke-patient-link.command.js';
