import { mailedTokens } from './mailbox.mjs';

/** Who accepts, whatever comes after. */
const ACCEPTING = ['accepts', 'is offboarded'];

/**
 * Invites people, each at their `path` on their `terms`, and lets each answer as their `then` says. `kind` is where such invitations are revoked.
 * Whom an earlier run invited is not invited again. Where mails are really sent, nobody can answer.
 */
export async function inviteAndAnswer(admin, kind, people, password) {
  const invitations = await inviteAll(admin, people);
  const waiting = people.filter(({ email }) => invitations.get(email).state === 'pending');
  for (const { email, then } of waiting)
    if (then === 'is revoked') await admin.call('DELETE', `/v1/${kind}/${invitations.get(email).id}`);
  const answering = waiting.filter(({ then }) => then === 'declines' || ACCEPTING.includes(then));
  if (answering.length === 0) return;
  const tokens = await mailedTokens(
    admin,
    answering.map(({ email }) => email),
  );
  const answer = async (person) => {
    const token = tokens?.get(person.email);
    if (!token) return;
    if (person.then === 'declines') await admin.asNobody().call('POST', `/v1/invitations/${token}/decline`);
    else await accept(admin, token, person, password);
  };
  // Hashing a password takes a processor a while. The last answer comes alone, so that its position follows all others.
  await Promise.all(answering.slice(0, -1).map(answer));
  await answer(answering.at(-1));
}

/** One call per place and terms. @returns everybody's newest invitation by address */
async function inviteAll(admin, people) {
  const invitations = new Map();
  for (const path of new Set(people.map((person) => person.path))) {
    // The newest comes first.
    for (const { email, id, state } of await admin.all(path))
      if (!invitations.has(email)) invitations.set(email, { id, state });
  }
  const missing = people.filter(({ email }) => !invitations.has(email));
  for (const some of Map.groupBy(missing, ({ path, terms }) => path + JSON.stringify(terms)).values()) {
    const [{ path, terms }] = some;
    const { results } = await admin.call('POST', path, { emails: some.map(({ email }) => email), ...terms });
    for (const { email, outcome, invitationId } of results) {
      if (outcome !== 'invited') throw new Error(`${email} was not invited: ${outcome}`);
      invitations.set(email, { id: invitationId, state: 'pending' });
    }
  }
  return invitations;
}

/** With a new account, or signed in to the one that is there. */
async function accept(admin, token, { name, email }, password) {
  const address = `/v1/invitations/${token}`;
  const { account } = await admin.asNobody().call('GET', address);
  if (account === 'exists') await (await admin.as({ email, password })).call('POST', `${address}/accept`);
  else await admin.asNobody().call('POST', `${address}/accept`, { name, password });
}
