import { describeOnOneEngine } from '../../../support/engines.js';
import type { TestServer } from '../../../support/test-server.js';
import { createDeployment, createOrganisation } from '../../../support/scenarios.js';
import { describeInvitationRules } from './describe-invitation-rules.js';
import type { InvitedTo, InvitationType } from './invitation-type.js';

const NAMES = { organisation: 'Riverside Hospital', deployment: 'Cohort A' };

async function organisation(server: TestServer): Promise<InvitedTo> {
  const place = await createOrganisation(server, NAMES.organisation);
  return { ...place, scope: { kind: 'organisation', id: place.id, name: NAMES.organisation }, archivedBy: [place] };
}

async function deployment(server: TestServer): Promise<InvitedTo> {
  const above = await createOrganisation(server, NAMES.organisation);
  const place = await createDeployment(server, above, NAMES.deployment);
  return { ...place, scope: { kind: 'deployment', id: place.id, name: NAMES.deployment }, archivedBy: [place, above] };
}

const staff: InvitationType = {
  name: 'staff',
  kind: 'staff',
  expiryRule: 'expiry, staff, observers',
  windows: ['24h', '72h', '7d'],
  defaultWindow: '7d',
  places: [organisation, deployment],
  grants: [{ role: 'contributor' }, { role: 'deployment-staff' }],
  invitationsPath: ({ path }) => `${path}/staff-invitations`,
  invitationPath: (id) => `/v1/staff-invitations/${id}`,
  workersPath: ({ path }) => `${path}/staff-invitations`,
  offered: { role: 'contributor', roleName: 'Contributor' },
  mayInviteIdentifies: true,
  mayNotInviteSees: false,
  mayInvite: { role: 'admin' },
  mayNotInvite: { role: 'contributor' },
  async memberEmails(server, { path }) {
    const { body } = await server.admin.get(`${path}/staff`).expect(200);
    return body.items.map(({ email }: { email: string }) => email);
  },
  async endMembership(server, membershipId) {
    await server.admin.delete(`/v1/staff/${membershipId}`).expect(204);
  },
};

describeOnOneEngine('the rules of staff invitations', (engine) => {
  describeInvitationRules(staff, engine);
});
