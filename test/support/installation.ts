import { join } from 'node:path';
import { MIGRATIONS } from '../../src/migrations/migrations.js';
import { Database } from '../../src/shared/database/database.js';
import { NO_ENTITIES, type Engine, type ProcessPlace } from './engines.js';
import { ProductBuild, ProductProcess } from './product-process.js';
import { ADMIN, SECRETS } from './test-server.js';

/** A build of the product and a place for its data, on which a test starts and kills processes. */
export class Installation {
  private constructor(
    private readonly build: ProductBuild,
    private readonly place: ProcessPlace,
  ) {}

  static async make(engine: Pick<Engine, 'placeForProcess'>): Promise<Installation> {
    const [build, place] = await Promise.all([ProductBuild.make(), engine.placeForProcess()]);
    return new Installation(build, place);
  }

  /** The URL of the data's database on a server. */
  get databaseUrl(): string | undefined {
    return this.place.settings['DATABASE_URL'];
  }

  /** Opens the data's database, while no process uses an embedded one. */
  async openDatabase(): Promise<Database> {
    const { DATABASE_URL: url, DATA_DIR: folder = '' } = this.place.settings;
    const at = url === undefined ? { embedded: join(folder, 'postgres') } : { url };
    return Database.open({ ...at, entities: NO_ENTITIES, migrations: MIGRATIONS });
  }

  /** Starts a process, and resolves when it takes requests. @param more settings besides secrets, super-admin and data */
  async start(more: Record<string, string> = {}): Promise<ProductProcess> {
    return ProductProcess.start(this.build, {
      ...this.place.settings,
      ...SECRETS,
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      ...more,
    });
  }

  /** Removes the data, after all processes have ended. */
  async remove(): Promise<void> {
    await this.place.close();
  }
}
