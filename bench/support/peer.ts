import { execFileSync, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadTask } from './load.js';
import { end, freePort, startNode, waitFor } from './processes.js';
import { CONNECTIONS } from './settings.js';

const FOLDER = join('bench', 'peers', 'better-auth');

/** better-auth with its organisation plugin. Its invitations send no mail. */
export class Peer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly ready: { url: string; token: string; organizationId: string },
  ) {}

  /** Starts the peer, and installs it the first time. */
  static async start(databaseUrl: string): Promise<Peer> {
    if (!existsSync(join(FOLDER, 'node_modules'))) execFileSync('npm', ['ci'], { cwd: FOLDER, stdio: 'inherit' });
    const child = startNode('peer', [join(FOLDER, 'server.mjs')], {
      DATABASE_URL: asLibpqReads(databaseUrl),
      PORT: String(await freePort()),
    });
    const ready = await waitFor('better-auth is ready', async () => {
      const line = readFileSync(child.log, 'utf8')
        .split('\n')
        .find((text) => text.startsWith('{"url"'));
      if (!line && child.exitCode !== null)
        throw new Error(`better-auth ended: ${readFileSync(child.log, 'utf8').slice(-1000)}`);
      return Promise.resolve(line && (JSON.parse(line) as Peer['ready']));
    });
    return new Peer(child, ready as Peer['ready']);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** The task of one invitation per call, because the peer has no call for several. */
  invitingOneByOne(limit: { seconds: number } | { calls: number }): LoadTask {
    const { url, token, organizationId } = this.ready;
    return {
      url,
      path: '/api/auth/organization/invite-member',
      token,
      body: { role: 'member', organizationId },
      addressIn: 'email',
      connections: CONNECTIONS,
      ...limit,
    };
  }

  async stop(): Promise<void> {
    await end(this.child);
  }
}

/** Adds the parameter with which the peer's driver reads the others as ours does. */
function asLibpqReads(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set('uselibpqcompat', 'true');
  return url.href;
}
