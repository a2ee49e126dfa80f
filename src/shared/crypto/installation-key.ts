import { createSecretKey } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import type { Database } from '../database/database.js';
import { randomBytes } from './random-bytes.js';
import { openBytes, seal } from './sealing.js';

/** Keys of the installation's own, under the master key. Not a read model: moved and backed up like `person`. */
export const InstallationKeyTable = defineEntity({
  name: 'installation_key',
  properties: { name: p.text().primary(), wrapped_key: p.text() },
});
type Tables = InferKyselyDB<typeof InstallationKeyTable>;

const KEY_BYTES = 32;

/** What was wrapped can't be opened. */
export class OtherMasterKey extends Error {
  override readonly name = 'OtherMasterKey';
}

/** The key with this name; made when there is none, and never replaced. Instances that start together agree on one. @throws OtherMasterKey */
export async function installationKey(database: Database, masterKey: Buffer, name: string): Promise<Buffer> {
  const [wrapping, context] = [createSecretKey(masterKey), `installation|${name}`];
  const db = database.kysely<Tables>();
  const stored = async () =>
    db.selectFrom('installation_key').select('wrapped_key').where('name', '=', name).executeTakeFirst();
  let row = await stored();
  if (!row) {
    await db
      .insertInto('installation_key')
      .values({ name, wrapped_key: seal(wrapping, context, randomBytes(KEY_BYTES)) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    row = await stored();
  }
  if (!row) throw new TypeError('the key was not recorded');
  try {
    return openBytes(wrapping, context, row.wrapped_key);
  } catch {
    throw new OtherMasterKey("is not the one that the installation's own key was made with: set that one");
  }
}
