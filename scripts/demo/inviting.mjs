import { mailedTokens } from './mailbox.mjs';

/** Who takes an invitation up, whatever comes after. */
const ACCEPTING = ['accepts', 'is offboarded'];

/**
 * Invites people, each at their `path` on their `terms`, and lets each answer as their `then` says. `kind` is where such invitations are withdrawn.
 * @returns membershipIds by address of those who accepted; null where mails are really sent: nobody can answer then
 */
export async function inviteAndAnswer(admin, kind, people, password) {
  const invitations = await inviteAll(admin, people);
  for (const { email, then } of people)
    if (then === 'is revoked') await admin.call('DELETE', `/v1/${kind}/${invitations.get(email)}`);
  const tokens = await mailedTokens(
    admin,
    people.map(({ email }) => email),
  );
  if (tokens === null) return null;
  const memberships = new Map();
  for (const person of people) {
    const token = tokens.get(person.email);
    if (token && person.then === 'declines') await admin.asNobody().call('POST', `/v1/invitations/${token}/decline`);
    if (token && ACCEPTING.includes(person.then))
      memberships.set(person.email, await accept(admin, token, person, password));
  }
  return memberships;
}

/** One call per place and terms. @returns invitationIds by address */
async function inviteAll(admin, people) {
  const ids = new Map();
  for (const some of Map.groupBy(people, ({ path, terms }) => path + JSON.stringify(terms)).values()) {
    const [{ path, terms }] = some;
    const { results } = await admin.call('POST', path, { emails: some.map(({ email }) => email), ...terms });
    for (const { email, outcome, invitationId } of results) {
      if (outcome !== 'invited') throw new Error(`${email} was not invited: ${outcome}`);
      ids.set(email, invitationId);
    }
  }
  return ids;
}

/** With a new account, or signed in to the one that is there. @returns the membershipId */
async function accept(admin, token, { name, email }, password) {
  const address = `/v1/invitations/${token}`;
  const { account } = await admin.asNobody().call('GET', address);
  const { membershipId } =
    account === 'exists'
      ? await (await admin.as({ email, password })).call('POST', `${address}/accept`)
      : await admin.asNobody().call('POST', `${address}/accept`, { name, password });
  return membershipId;
}
