import { ProductBuild, ProductProcess } from './product-process.js';
import type { Engine, ProcessPlace } from './engines.js';
import { ADMIN, SECRETS } from './test-server.js';

/** The product built, and a place for its data on an engine: what processes are started on, killed, and started on again. */
export class Installation {
  private constructor(
    private readonly build: ProductBuild,
    private readonly place: ProcessPlace,
  ) {}

  static async make(engine: Pick<Engine, 'placeForProcess'>): Promise<Installation> {
    const [build, place] = await Promise.all([ProductBuild.make(), engine.placeForProcess()]);
    return new Installation(build, place);
  }

  /** Of the server that the data is on. */
  get databaseUrl(): string | undefined {
    return this.place.settings['DATABASE_URL'];
  }

  /** Resolves when the process takes requests. @param more besides secrets, the super-admin and where the data is */
  async start(more: Record<string, string> = {}): Promise<ProductProcess> {
    return ProductProcess.start(this.build, {
      ...this.place.settings,
      ...SECRETS,
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      ...more,
    });
  }

  /** When all its processes are gone. */
  async remove(): Promise<void> {
    await Promise.all([this.place.close(), this.build.remove()]);
  }
}
