import { randomUUID } from 'node:crypto';
import { loadConfig, type Config } from '../bootstrap/config.js';
import { generatePassword } from '../bootstrap/first-run.js';
import { NoInstallation, openInstallation, type Installation } from '../bootstrap/installation.js';
import { print } from '../bootstrap/terminal.js';
import { ownershipFrom, ownershipStream } from '../modules/access/owner-guard/owner-guard.js';
import { PLATFORM } from '../modules/access/scope-ref.js';
import { Accounts } from '../modules/accounts/accounts.js';
import { createAuthentication } from '../modules/accounts/authentication.js';
import { AccountClosings } from '../modules/accounts/closing/account-closings.js';
import { PasswordChanges } from '../modules/accounts/password/password-changes.js';
import { PendingPasswords } from '../modules/accounts/password/pending-passwords.js';
import { Passwords } from '../modules/accounts/passwords.js';
import { SessionRegister } from '../modules/accounts/sessions/session-register.js';
import { People, type KnownPerson } from '../modules/people/people.js';
import { CommandHandling, SYSTEM } from '../shared/event-sourcing/command-handling.js';
import { runInContext } from '../shared/request-context/request-context.js';
import { printError, printFailure } from './errors.js';

const USAGE = `Usage:
  npm run admin -- staff reset [address]    gives a super-admin a new password, and signs them out everywhere

Without an address it is the only super-admin. The password is printed once.
The environment says which installation, as for "npm start". Stop an embedded one first.
Ends with 0 when it is done, 1 when it can't be, 2 when it was called wrongly.`;

process.exit(await run(process.argv.slice(2)));

async function run([subject, action, address, ...more]: string[]): Promise<number> {
  if (subject !== 'staff' || action !== 'reset' || more.length > 0) {
    printError(USAGE);
    return 2;
  }
  try {
    const config = loadConfig();
    // A tool that changes one account runs no migration.
    const installation = await openInstallation(config, true, printError, null);
    try {
      return await reset(installation, config, address);
    } finally {
      await installation.close();
    }
  } catch (error) {
    printFailure(error);
    return 1;
  }
}

async function reset({ database, store }: Installation, config: Config, address: string | undefined): Promise<number> {
  const { owners } = ownershipFrom(await store.read(ownershipStream(PLATFORM)));
  if (owners.size === 0) throw new NoInstallation('there is no super-admin: start the product first');
  const people = [...(await new People(database, config).getByIds([...owners])).values()];
  const person =
    address === undefined && people.length === 1 ? people[0] : people.find(({ email }) => email === address);
  if (!person) {
    printError(
      address === undefined ? 'There are several super-admins: say whose address.' : 'No super-admin has this address.',
    );
    return 1;
  }
  const authentication = createAuthentication(database, {
    secret: config.sessionSecret,
    publicUrl: config.publicUrl ?? 'http://localhost',
    cookiePath: '/',
    sessionHours: config.sessionHours,
  });
  const commandHandling = new CommandHandling(store);
  const register = new SessionRegister(database, store, commandHandling);
  const pending = new PendingPasswords(database, store);
  const closings = new AccountClosings(database, store, commandHandling, register);
  const accounts = new Accounts(database, store, new Passwords(authentication), pending, closings);
  const changes = new PasswordChanges(accounts, pending, commandHandling, register);
  const id = randomUUID();
  await runInContext({ correlationId: id, causationId: id, commandId: id }, async () =>
    give(accounts, changes, person),
  );
  return 0;
}

async function give(accounts: Accounts, changes: PasswordChanges, { personId, email }: KnownPerson): Promise<void> {
  const password = generatePassword();
  await changes.change({
    personId,
    passwordHash: await accounts.hashPassword(password),
    how: 'operator',
    actor: SYSTEM,
    keepSession: null,
  });
  print('', 'A new password, shown once:', `  ${email}`, `  ${password}`, '');
}
