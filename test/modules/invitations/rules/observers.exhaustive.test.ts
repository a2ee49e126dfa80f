import { describeOnEngines } from '../../../support/engines.js';
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

const observers: InvitationType = {
  name: 'observers',
  kind: 'observer',
  expiryRule: 'expiry, staff, observers',
  windows: ['24h', '72h', '7d'],
  defaultWindow: '7d',
  places: [deployment],
  // The grants are empty, because every observer sees the same.
  grants: [{}, {}],
  invitationsPath: ({ path }) => `${path}/observer-invitations`,
  invitationPath: (id) => `/v1/observer-invitations/${id}`,
  workersPath: ({ path }) => `${path}/staff-invitations`,
  offered: {},
  mayInviteIdentifies: true,
  mayNotInviteSees: false,
  mayInvite: { role: 'access-controller' },
  mayNotInvite: { role: 'contributor' },
  async memberEmails(server, { path }) {
    const { body } = await server.admin.get(`${path}/observers`).expect(200);
    return body.items.map(({ email }: { email: string }) => email);
  },
  async endMembership(server, membershipId) {
    await server.admin.delete(`/v1/observers/${membershipId}`).expect(204);
  },
};

describeOnEngines('the rules of observer invitations', (engine) => {
  describeInvitationRules(observers, engine);
});
