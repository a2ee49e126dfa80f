import { describeOnOneEngine } from '../../../support/engines.js';
import type { TestServer } from '../../../support/test-server.js';
import { createDeployment, createOrganisation } from '../../../support/scenarios.js';
import { describeInvitationRules } from './describe-invitation-rules.js';
import type { InvitedTo, InvitationType } from './invitation-type.js';

const NAMES = { organisation: 'Riverside Hospital', deployment: 'Cohort A' };

async function deployment(server: TestServer): Promise<InvitedTo> {
  const above = await createOrganisation(server, NAMES.organisation);
  const place = await createDeployment(server, above, NAMES.deployment);
  return { ...place, scope: { kind: 'deployment', id: place.id, name: NAMES.deployment }, archivedBy: [place, above] };
}

const patients: InvitationType = {
  name: 'patients',
  kind: 'patient',
  expiryRule: 'expiry, patients and patient links',
  windows: ['24h', '48h', '7d', '1y'],
  defaultWindow: '7d',
  places: [deployment],
  // The grants are empty, because every enrolment is the same.
  grants: [{}, {}],
  invitationsPath: ({ path }) => `${path}/patient-invitations`,
  invitationPath: (id) => `/v1/patient-invitations/${id}`,
  workersPath: ({ path }) => `${path}/staff-invitations`,
  offered: {},
  mayInviteIdentifies: false,
  mayNotInviteSees: true,
  mayInvite: { role: 'deployment-staff' },
  mayNotInvite: { role: 'contributor' },
  async memberEmails(server, { path }) {
    const { body } = await server.admin.get(`${path}/patients`).expect(200);
    return body.items.map(({ email }: { email: string }) => email);
  },
  async endMembership(server, membershipId) {
    await server.admin.delete(`/v1/patients/${membershipId}`).expect(204);
  },
};

describeOnOneEngine('the rules of patient invitations', (engine) => {
  describeInvitationRules(patients, engine);
});
