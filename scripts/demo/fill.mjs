import { mailedTokens } from './mailbox.mjs';
import { addressOf, CUSTOM_ROLES, DEPLOYMENTS, ORGANISATION, PEOPLE } from './people.mjs';

const STATES = ['pending', 'accepted', 'declined', 'revoked', 'expired'];

/** Makes an organisation with all that people.mjs says. @returns what the server shows of it afterwards, who can sign in, and what was left out */
export async function fill(admin, password) {
  const number = await freeNumber(admin);
  const places = await makePlaces(admin, number === 1 ? ORGANISATION : `${ORGANISATION} ${number}`);
  const roles = await makeRoles(admin, places);
  const leftOut = [];
  const people = PEOPLE.map((person) => ({
    ...person, email: addressOf(person.name, number), place: places[person.at], roleId: roles[person.role] ?? person.role,
  }));
  const invitations = await invite(admin, people);
  const tokens = await mailedTokens(admin, people.map(({ email }) => email));
  if (tokens === null) leftOut.push('This server sends its mails by SMTP, and only their recipients see the links: nobody could accept or decline, those invitations are pending.');
  for (const { name, email, then } of people) {
    const token = tokens?.get(email);
    if (then === 'is revoked') await admin.call('DELETE', `/v1/staff-invitations/${invitations.get(email)}`);
    if (token && then === 'accepts') await admin.asNobody('POST', `/v1/invitations/${token}/accept`, { name, password });
    if (token && then === 'declines') await admin.asNobody('POST', `/v1/invitations/${token}/decline`);
  }
  leftOut.push('No invitation has expired: that takes at least 24 hours, and the HTTP interface turns no clock.');
  return { places: await describe(admin, places), password, people: tokens === null ? [] : people.filter(({ then }) => then === 'accepts'), leftOut };
}

/** The first organisation has no number, later ones do. */
async function freeNumber(admin) {
  const names = new Set((await admin.all('/v1/organisations')).map(({ name }) => name));
  let number = 1;
  while (names.has(number === 1 ? ORGANISATION : `${ORGANISATION} ${number}`)) number += 1;
  return number;
}

async function makePlaces(admin, name) {
  const { id } = await admin.call('POST', '/v1/organisations', { name });
  const places = { organisation: { id, name, path: `/v1/organisations/${id}` } };
  for (const [key, deployment] of Object.entries(DEPLOYMENTS)) {
    const made = await admin.call('POST', `${places.organisation.path}/deployments`, { name: deployment });
    places[key] = { id: made.id, name: deployment, path: `/v1/deployments/${made.id}` };
  }
  return places;
}

/** @returns the custom roles' ids by key */
async function makeRoles(admin, places) {
  const roles = {};
  for (const { key, at, name, permissions } of CUSTOM_ROLES) {
    const { id } = await admin.call('POST', `${places[at].path}/roles`, { name, permissions });
    roles[key] = id;
  }
  return roles;
}

/** One call per place and role. @returns invitationIds by address */
async function invite(admin, people) {
  const ids = new Map();
  for (const some of Map.groupBy(people, ({ at, role }) => `${at} ${role}`).values()) {
    const [{ place, roleId }] = some;
    const body = { emails: some.map(({ email }) => email), role: roleId, message: `Welcome to ${place.name}.` };
    const { results } = await admin.call('POST', `${place.path}/staff-invitations`, body);
    for (const { email, outcome, invitationId } of results) {
      if (outcome !== 'invited') throw new Error(`${email} was not invited: ${outcome}`);
      ids.set(email, invitationId);
    }
  }
  return ids;
}

/** How many staff and invitations each place shows. */
async function describe(admin, places) {
  const described = [];
  for (const place of Object.values(places)) {
    const invitations = await admin.all(`${place.path}/staff-invitations`);
    const staff = await admin.all(`${place.path}/staff`);
    const states = STATES.map((state) => [state, invitations.filter((invitation) => invitation.state === state).length]).filter(([, count]) => count > 0);
    described.push({ ...place, staff: staff.length, states });
  }
  return described;
}
