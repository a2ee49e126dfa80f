import { ReasonDto } from '../../shared/http/reason.dto.js';
import type { InvitationType } from '../invitations/invitations.contract.js';
import { PatientListDto, PatientPage } from './enrolment/patient.dto.js';
import { PATIENT_STREAMS } from './enrolment/patient.events.js';
import { PATIENT_MEMBERSHIP } from './enrolment/patient-membership.js';
import { InvitePatientsDto, PATIENT_WINDOWS } from './invitations/patient-invitation.dto.js';
import { PatientInvitationPolicy } from './invitations/patient-invitation.policy.js';
import { PATIENT_INVITATION_TEXTS } from './invitations/patient-invitation.texts.js';

/** The invitation of patients to a deployment. */
export const PATIENTS: InvitationType = {
  kind: 'patient',
  linkNumber: 2,
  windows: PATIENT_WINDOWS,
  defaultWindow: '7d',
  ownCode: 'own-enrolment',
  permissions: {
    manage: 'patients.manage',
    view: 'patients.view',
    identify: 'patients.view-identifiers',
    seenBy: ['patients.view'],
    byInvitee: true,
  },
  policy: PatientInvitationPolicy,
  streams: PATIENT_STREAMS,
  members: PATIENT_MEMBERSHIP,
  mail: PATIENT_INVITATION_TEXTS,
  routes: {
    tag: 'Patient invitations',
    operations: 'patientInvitations',
    invitees: 'patients to',
    segment: 'patient-invitations',
    one: 'patient-invitation',
    body: InvitePatientsDto,
    resendBody: 'ResendPatientInvitationDto',
    change: { body: 'ChangePatientInvitationDto' },
    places: [{ scope: 'deployment' }],
    notes: {
      list: 'Shows addresses to the inviter and to readers who may see identifiers. `q` and sorting by address need `patients.view-identifiers`.',
    },
  },
  memberRoutes: {
    tag: 'Patients',
    operations: 'patients',
    members: 'patients of',
    segment: 'patients',
    one: 'patient',
    path: 'patients',
    listIds: { deployment: 'patientsOfDeployment' },
    query: PatientListDto,
    page: PatientPage,
    byAlias: true,
    endBody: ReasonDto,
  },
};
