/** What there is to see now, for the terminal. */
export function report(url, admin, { places, people, password, leftOut }) {
  const [organisation] = places;
  const signIns = [
    ['who', 'address', 'password', 'role', 'where'],
    ['Super-admin', admin.email, admin.password, 'super-admin', 'platform'],
    ...people.map(({ name, email, role, place }) => [name, email, password, role, place.name]),
  ];
  const contents = places.map(({ name, staff, states }) => [name, `${staff} staff`, `invitations: ${states.map(([state, count]) => `${count} ${state}`).join(', ')}`]);
  return ['', `${organisation.name} is there:`, '', ...table(contents), '', 'Who can sign in:', '', ...table(signIns), '', ...leftOut, `Open ${url}/sign-in`].join('\n');
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column])).join('  ')}`.trimEnd());
}
