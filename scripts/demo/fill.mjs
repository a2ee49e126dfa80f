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

/**
 * Makes what is missing of the organisation in people.mjs. What an earlier run made stays as it is.
 * @returns what the server shows of it afterwards, who can sign in, and what was left out
 */
export async function fill(admin, password) {
  const places = await makePlaces(admin);
  const roles = await makeRoles(admin, places);
  const people = [
    ...(await fillStaff(admin, places, roles, password)),
    ...(await fillPatients(admin, places, password)),
  ];
  const link = await makePatientLink(admin, places);
  const groups = [];
  for (const group of GROUPS) {
    const made = await fillGroup(admin, places.organisation, group, password);
    people.push(...made.members);
    groups.push(await describeGroup(admin, made));
  }
  const described = [];
  for (const place of Object.values(places)) described.push(await describePlace(admin, place));
  return { places: described, groups, link, people, leftOut: leftOutOf(people, described) };
}

function leftOutOf(people, places) {
  const hasExpired = places.some(({ contents }) => contents.some((content) => content.includes('expired')));
  return [
    ...(people.length > 0
      ? []
      : [
          'This server sends its mails by SMTP, and only their recipients see the links. So nobody could accept or decline, and those invitations are pending.',
        ]),
    ...(hasExpired
      ? []
      : ['No invitation has expired, because the shortest window is 24 hours and no call moves the clock.']),
  ];
}

/** The item of a list that is ours, made if there is none. */
async function findOrMake(admin, path, terms, isOurs = ({ name }) => name === terms.name) {
  return (await admin.all(path)).find(isOurs) ?? (await admin.call('POST', path, terms));
}

async function makePlaces(admin) {
  const { id, name } = await findOrMake(
    admin,
    '/v1/organisations',
    ORGANISATION,
    (one) => one.name === ORGANISATION.name && one.privacyPolicyUrl === ORGANISATION.privacyPolicyUrl && !one.archived,
  );
  const places = { organisation: { id, name, path: `/v1/organisations/${id}` } };
  for (const [key, deployment] of Object.entries(DEPLOYMENTS)) {
    const made = await findOrMake(admin, `${places.organisation.path}/deployments`, deployment);
    places[key] = { id: made.id, name: made.name, path: `/v1/deployments/${made.id}`, hasPatients: true };
  }
  return places;
}

/** @returns the custom roles' ids by key */
async function makeRoles(admin, places) {
  const roles = {};
  for (const { key, at, ...terms } of CUSTOM_ROLES)
    roles[key] = (await findOrMake(admin, `${places[at].path}/roles`, terms)).id;
  return roles;
}

/** @returns who accepted */
async function fillStaff(admin, places, roles, password) {
  const people = STAFF.map((person) => ({
    ...person,
    email: addressOf(person.name),
    place: places[person.at],
    path: `${places[person.at].path}/staff-invitations`,
    terms: { role: roles[person.role] ?? person.role, message: `Welcome to ${places[person.at].name}.` },
  }));
  await inviteAndAnswer(admin, 'staff-invitations', people, password);
  const members = await membersAt(
    admin,
    Object.values(places).map(({ path }) => `${path}/staff`),
  );
  return people.filter(({ email }) => members.has(email));
}

/** @returns who accepted, offboarded or not */
async function fillPatients(admin, places, password) {
  const people = PATIENTS.map((person) => ({
    ...person,
    role: person.reason ? 'patient, offboarded' : 'patient',
    email: addressOf(person.name),
    place: places[person.at],
    path: `${places[person.at].path}/patient-invitations`,
    terms: { message: `Welcome to ${places[person.at].name}.` },
  }));
  await inviteAndAnswer(admin, 'patient-invitations', people, password);
  const patients = await membersAt(admin, [`${places.first.path}/patients`, `${places.second.path}/patients`]);
  const accepted = people.filter(({ email }) => patients.has(email));
  for (const { email, reason } of accepted) {
    const { id, status } = patients.get(email);
    if (reason && status === 'active') await admin.call('POST', `/v1/patients/${id}/offboard`, { reason });
  }
  return accepted;
}

async function makePatientLink(admin, places) {
  const { at, ...terms } = PATIENT_LINK;
  const { id, maxUses } = await findOrMake(
    admin,
    `${places[at].path}/patient-links`,
    terms,
    ({ name, state }) => name === terms.name && state === 'open',
  );
  const { url } = await admin.call('GET', `/v1/patient-links/${id}/url`);
  return { name: terms.name, place: places[at].name, url, maxUses };
}

/** A group with its members, files and their exceptions. @returns what it is, and who accepted */
async function fillGroup(admin, organisation, { name, description, members, files }, password) {
  const { id } = await findOrMake(admin, `${organisation.path}/groups`, { name, description });
  const path = `/v1/groups/${id}`;
  const people = members.map(({ administrator = false, contentCreator = false, ...person }) => ({
    ...person,
    role: setName(administrator, contentCreator),
    email: addressOf(person.name),
    place: { name },
    path: `${path}/invitations`,
    terms: { administrator, contentCreator, message: `Welcome to the ${name}.` },
  }));
  await inviteAndAnswer(admin, 'group-invitations', people, password);
  const inGroup = await membersAt(admin, [`${path}/members`]);
  for (const { allow, deny, ...terms } of files) {
    const file = await findOrMake(admin, `${path}/files`, terms);
    const member = inGroup.get(addressOf(allow ?? deny ?? ''));
    if (member)
      await admin.call('PUT', `/v1/group-files/${file.id}/exceptions/${member.id}`, {
        contentCreator: allow !== undefined,
      });
  }
  return { id, name, path, members: people.filter(({ email }) => inGroup.has(email)) };
}

/** The items of these lists by address. */
async function membersAt(admin, paths) {
  const members = new Map();
  for (const path of paths) for (const member of await admin.all(path)) members.set(member.email, member);
  return members;
}

function setName(administrator, contentCreator) {
  if (administrator) return contentCreator ? 'administrator and content creator' : 'administrator';
  return contentCreator ? 'content creator' : 'viewer';
}
