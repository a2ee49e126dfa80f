// The product that Rolecall is measured beside, one process on one PostgreSQL database: an owner, an organisation, no limits
// that a load would run into, and an invitation mail that does nothing. Prints one JSON line when it takes requests.
import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { bearer, organization } from 'better-auth/plugins';
import { Pool } from 'pg';

const { DATABASE_URL, PORT } = process.env;
const url = `http://127.0.0.1:${PORT}`;

const auth = betterAuth({
  baseURL: url,
  secret: 'only-for-measuring-0123456789-abcdefghij',
  database: new Pool({ connectionString: DATABASE_URL, max: 20 }),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: 'error' },
  plugins: [
    bearer(),
    organization({ invitationLimit: 1_000_000_000, membershipLimit: 1_000_000_000, sendInvitationEmail: async () => {} }),
  ],
});

const migrations = await getMigrations(auth.options);
await migrations.runMigrations();
const { token } = await auth.api.signUpEmail({ body: { name: 'Owner', email: 'owner@peer.test', password: 'only for measuring' } });
const { id: organizationId } = await auth.api.createOrganization({
  headers: new Headers({ authorization: `Bearer ${token}` }),
  body: { name: 'Riverside Hospital', slug: 'riverside-hospital' },
});

createServer(toNodeHandler(auth)).listen(Number(PORT), '127.0.0.1', () => {
  console.log(JSON.stringify({ url, token, organizationId }));
});
