import { describeOnOneEngine } from '../../../support/engines.js';
import { ADMIN, type TestServer } from '../../../support/test-server.js';
import { createGroup, createOrganisation } from '../../../support/scenarios.js';
import { describeInvitationRules } from './describe-invitation-rules.js';
import type { InvitedTo, InvitationType } from './invitation-type.js';

const NAMES = { organisation: 'Riverside Hospital', group: 'Tumour board' };

async function group(server: TestServer): Promise<InvitedTo> {
  const above = await createOrganisation(server, NAMES.organisation);
  const place = await createGroup(server, above, NAMES.group);
  // Only the organisation can archive a group, because a group itself is deleted.
  return { ...place, scope: { kind: 'group', id: place.id, name: NAMES.group }, archivedBy: [above] };
}

const groups: InvitationType = {
  name: 'groups',
  kind: 'groupMember',
  expiryRule: 'expiry, groups',
  windows: ['24h', '72h', '7d', '30d'],
  defaultWindow: '30d',
  places: [group],
  grants: [
    { administrator: false, contentCreator: true },
    { administrator: true, contentCreator: true },
  ],
  invitationsPath: ({ path }) => `${path}/invitations`,
  invitationPath: (id) => `/v1/group-invitations/${id}`,
  workersPath: ({ path }) => `${path}/invitations`,
  offered: { role: 'content-creator', roleName: 'Content creator', administrator: false, contentCreator: true },
  mayInviteIdentifies: true,
  mayNotInviteSees: false,
  mayInvite: { administrator: true, contentCreator: false },
  mayNotInvite: { administrator: false, contentCreator: true },
  async memberEmails(server, { path }) {
    const { body } = await server.admin.get(`${path}/members`).expect(200);
    return body.items.map(({ email }: { email: string }) => email).filter((email: string) => email !== ADMIN.email);
  },
  async endMembership(server, membershipId) {
    await server.admin.delete(`/v1/group-members/${membershipId}`).expect(204);
  },
};

describeOnOneEngine('the rules of group invitations', (engine) => {
  describeInvitationRules(groups, engine);
});
