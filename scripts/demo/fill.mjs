import { describeGroup, describePlace } from './describe.mjs';
import { inviteAndAnswer } from './inviting.mjs';
import {
  addressOf,
  CUSTOM_ROLES,
  DEPLOYMENTS,
  GROUPS,
  ORGANISATION,
  PATIENT_LINK,
  PATIENTS,
  STAFF,
} from './people.mjs';

/** Makes an organisation with all that people.mjs says. @returns what the server shows of it afterwards, who can sign in, and what was left out */
export async function fill(admin, password) {
  const number = await freeNumber(admin);
  const places = await makePlaces(admin, number === 1 ? ORGANISATION : `${ORGANISATION} ${number}`);
  const roles = await makeRoles(admin, places);
  const people = [
    ...(await fillStaff(admin, places, roles, number, password)),
    ...(await fillPatients(admin, places, number, password)),
  ];
  const link = await makePatientLink(admin, places);
  const groups = [];
  for (const group of GROUPS) {
    const made = await fillGroup(admin, places.organisation, group, number, password);
    people.push(...made.members);
    groups.push(await describeGroup(admin, made));
  }
  const leftOut =
    people.length > 0
      ? []
      : [
          'This server sends its mails by SMTP, and only their recipients see the links: nobody could accept or decline, those invitations are pending.',
        ];
  leftOut.push('No invitation has expired: that takes at least 24 hours, and the HTTP interface turns no clock.');
  const described = [];
  for (const place of Object.values(places)) described.push(await describePlace(admin, place));
  return { places: described, groups, link, password, people, leftOut };
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
    places[key] = { id: made.id, name: deployment, path: `/v1/deployments/${made.id}`, hasPatients: true };
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

/** @returns who accepted */
async function fillStaff(admin, places, roles, number, password) {
  const people = STAFF.map((person) => ({
    ...person,
    email: addressOf(person.name, number),
    place: places[person.at],
    path: `${places[person.at].path}/staff-invitations`,
    terms: { role: roles[person.role] ?? person.role, message: `Welcome to ${places[person.at].name}.` },
  }));
  const memberships = await inviteAndAnswer(admin, 'staff-invitations', people, password);
  return accepted(people, memberships);
}

/** @returns who accepted, offboarded or not */
async function fillPatients(admin, places, number, password) {
  const people = PATIENTS.map((person) => ({
    ...person,
    role: person.reason ? 'patient, offboarded' : 'patient',
    email: addressOf(person.name, number),
    place: places[person.at],
    path: `${places[person.at].path}/patient-invitations`,
    terms: { message: `Welcome to ${places[person.at].name}.` },
  }));
  const memberships = await inviteAndAnswer(admin, 'patient-invitations', people, password);
  for (const { email, reason } of accepted(people, memberships)) {
    if (reason) await admin.call('POST', `/v1/patients/${memberships.get(email)}/offboard`, { reason });
  }
  return accepted(people, memberships);
}

async function makePatientLink(admin, places) {
  const { at, ...terms } = PATIENT_LINK;
  const { url, maxUses } = await admin.call('POST', `${places[at].path}/patient-links`, terms);
  return { name: terms.name, place: places[at].name, url, maxUses };
}

/** A group with its members, files and their exceptions. @returns what it is, and who accepted */
async function fillGroup(admin, organisation, { name, description, members, files }, number, password) {
  const { id } = await admin.call('POST', `${organisation.path}/groups`, { name, description });
  const path = `/v1/groups/${id}`;
  const people = members.map(({ administrator = false, contentCreator = false, ...person }) => ({
    ...person,
    role: setName(administrator, contentCreator),
    email: addressOf(person.name, number),
    place: { name },
    path: `${path}/invitations`,
    terms: { administrator, contentCreator, message: `Welcome to the ${name}.` },
  }));
  const memberships = await inviteAndAnswer(admin, 'group-invitations', people, password);
  for (const { allow, deny, ...file } of files) {
    const added = await admin.call('POST', `${path}/files`, file);
    const memberId = memberships?.get(addressOf(allow ?? deny ?? '', number));
    if (memberId)
      await admin.call('PUT', `/v1/group-files/${added.id}/exceptions/${memberId}`, {
        contentCreator: allow !== undefined,
      });
  }
  return { name, path, members: accepted(people, memberships) };
}

function accepted(people, memberships) {
  return people.filter(({ email }) => memberships?.has(email));
}

function setName(administrator, contentCreator) {
  if (administrator) return contentCreator ? 'administrator and content creator' : 'administrator';
  return contentCreator ? 'content creator' : 'viewer';
}
