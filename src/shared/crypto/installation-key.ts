import { createSecretKey } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import type { Database } from '../database/database.js';
import { openBytes, randomBytes, seal } from './sealing.js';

/**
 * The installation's own keys, wrapped under the master key. The table isn't a read model. Transfers and backups
 * include it, like `person`.
 */
export const InstallationKeyTable = defineEntity({
  name: 'installation_key',
  properties: { name: p.text().primary(), wrapped_key: p.text() },
});
type Tables = InferKyselyDB<typeof InstallationKeyTable>;

const KEY_BYTES = 32;

/** The master key isn't the one that a stored key was wrapped with. */
export class OtherMasterKey extends Error {
  override readonly name = 'OtherMasterKey';
}

/**
 * Returns the key with this name, and makes it when there is none. A key is never replaced, so instances that start
 * together agree.
 * @throws OtherMasterKey
 */
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
