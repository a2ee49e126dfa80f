import { once } from 'node:events';
import { createServer } from 'node:net';
import { ConfigError } from './config.js';

/** The system's errors for a port that can't be listened on, in words for operators. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken: another program listens there. Stop it, or set another one',
  EACCES: 'may not be used by this user: set one from 1024 on',
  EADDRNOTAVAIL: "can't be listened on: HOST is no address of this machine",
  ENOTFOUND: "can't be listened on: HOST is no name that is known here",
};

/**
 * Checks a port before the start writes or shows anything. Port 0 is always free.
 * @throws ConfigError when this process can't listen there
 */
export async function mustBeFree(setting: 'PORT' | 'METRICS_PORT', port: number, host: string): Promise<void> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw error;
    throw new ConfigError([`${setting} ${String(port)} ${reason}`]);
  } finally {
    server.close();
  }
}
