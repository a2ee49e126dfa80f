const STATES = ['pending', 'accepted', 'declined', 'revoked', 'expired'];
const STATUSES = ['pending', 'active', 'offboarded'];

/** What an organisation or deployment shows: how many staff, invitations in which states, and patients. */
export async function describePlace(admin, place) {
  const staff = await admin.all(`${place.path}/staff`);
  const contents = [`${staff.length} staff`, invitationsIn(await admin.all(`${place.path}/staff-invitations`))];
  if (place.hasPatients) contents.push(await patientsIn(admin, place));
  return { name: place.name, id: place.id, contents };
}

/** What a group shows. */
export async function describeGroup(admin, { id, name, path }) {
  const members = await admin.all(`${path}/members`);
  const files = await admin.all(`${path}/files`);
  let exceptions = 0;
  for (const { id } of files)
    exceptions += (await admin.all(`/v1/group-files/${id}/access`)).filter(
      ({ reason }) => reason === 'exception',
    ).length;
  return {
    name,
    id,
    contents: [
      `${members.length} members`,
      invitationsIn(await admin.all(`${path}/invitations`)),
      `files: ${files.length}`,
      `exceptions: ${exceptions}`,
    ],
  };
}

function invitationsIn(invitations) {
  return `invitations: ${counts(STATES.map((state) => [state, invitations.filter((invitation) => invitation.state === state).length]))}`;
}

async function patientsIn(admin, { path }) {
  const found = [];
  for (const status of STATUSES) found.push([status, (await admin.all(`${path}/patients`, `status=${status}`)).length]);
  return `patients: ${counts(found)}`;
}

function counts(some) {
  return (
    some
      .filter(([, count]) => count > 0)
      .map(([word, count]) => `${count} ${word}`)
      .join(', ') || 'none'
  );
}
