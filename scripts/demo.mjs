// Fills an organisation to look at, through the HTTP interface alone: `npm run demo`. By itself it starts a product of its own, with
// its data in ./data-demo, and leaves it running; with ROLECALL_URL, ADMIN_EMAIL and ADMIN_PASSWORD it fills one that runs already.
// A later run finds what an earlier one made, and reports the same.
import './needs-node.mjs';
import { scryptSync } from 'node:crypto';
import { signIn } from './demo/api.mjs';
import { fill } from './demo/fill.mjs';
import { DEMO_ADMIN, startOwnProduct } from './demo/own-product.mjs';
import { report } from './demo/report.mjs';

const { ROLECALL_URL, ADMIN_EMAIL = 'admin@rolecall.example', ADMIN_PASSWORD } = process.env;

try {
  if (ROLECALL_URL) await fillRunning(ROLECALL_URL.replace(/\/+$/, ''));
  else await fillOwn();
} catch (error) {
  console.error(`The demo stopped: ${error.message}`);
  process.exitCode = 1;
}

async function fillRunning(url) {
  if (!ADMIN_PASSWORD) {
    throw new Error(
      `ADMIN_PASSWORD is missing: the password of ${ADMIN_EMAIL}, which the first start showed once at its terminal (ADMIN_EMAIL names another super-admin). ` +
        'Without ROLECALL_URL the demo starts a product of its own and needs no password.',
    );
  }
  const admin = { email: ADMIN_EMAIL, password: ADMIN_PASSWORD };
  await fillAndTell(url, admin, passwordFrom(ADMIN_PASSWORD), { ...admin, password: 'as you gave it' });
}

async function fillOwn() {
  const product = await startOwnProduct();
  try {
    await fillAndTell(product.url, DEMO_ADMIN, DEMO_ADMIN.password, DEMO_ADMIN);
    console.log('\nRunning until Ctrl-C. Everything is in ./data-demo: remove that folder to begin anew.');
    await product.ended;
  } catch (error) {
    await product.stop();
    throw error;
  }
}

async function fillAndTell(url, admin, password, shownAdmin) {
  const filled = await fill(await signIn(url, admin), password);
  const [first] = filled.people;
  // An earlier run may have had another super-admin.
  const isTheirs = !first || (await canSignIn(url, { email: first.email, password }));
  console.log(report(url, shownAdmin, isTheirs ? password : 'as an earlier run said', filled));
}

async function canSignIn(url, credentials) {
  return signIn(url, credentials).then(
    () => true,
    () => false,
  );
}

/**
 * The password of the people in an installation that others may reach. No repository holds it, and each run has the same one.
 * Deriving it is slow, so that who knows it can't try out the super-admin's.
 */
function passwordFrom(adminPassword) {
  const cost = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
  return scryptSync(adminPassword, 'rolecall demo', 12, cost).toString('base64url');
}
