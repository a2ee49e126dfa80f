/** What there is to see now, for the terminal. */
export function report(url, admin, password, { places, groups, link, people, leftOut }) {
  const [organisation] = places;
  const [first] = people;
  const signIns = [
    ['who', 'address', 'password', 'role', 'where'],
    ['Super-admin', admin.email, admin.password, 'super-admin', 'platform'],
    ...people.map(({ name, email, role, place }) => [name, email, password, role, place.name]),
  ];
  return [
    '',
    `${organisation.name} is there:`,
    '',
    ...table(places.map(row)),
    '',
    'Its groups, the super-admin being a member of each:',
    '',
    ...table(groups.map(row)),
    '',
    'Patients ask for their own invitation by a link:',
    '',
    `  ${link.name}, ${link.place}, ${link.maxUses} places: ${link.url}`,
    '',
    'Who can sign in:',
    '',
    ...table(signIns),
    '',
    ...leftOut,
    'Where to look first:',
    '',
    ...table([
      ...(first ? [[`${url}/sign-in`, `as ${first.name}: the start page with their roles`]] : []),
      ...(first ? [[`${url}/mailbox`, 'as the super-admin: every mail that was written']] : []),
      [link.url, 'signed out: what a patient sees who follows the link'],
      [`${url}/docs`, 'as anybody above: every call, with an example to send'],
    ]),
    '',
    `Open ${url}/sign-in`,
  ].join('\n');
}

function row({ name, id, contents }) {
  return [name, id, ...contents];
}

/** Columns, as wide as what is in them; rows may end early. */
function table(rows) {
  const columns = Math.max(...rows.map(({ length }) => length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows.map((cells) => `  ${cells.map((cell, column) => cell.padEnd(widths[column])).join('  ')}`.trimEnd());
}
