import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Certificate } from './certificates.js';
import { isRoot, listens, RunningProgram, temporaryFolder } from './programs.js';

/** Debian's nginx on a port of 127.0.0.1, with TLS and the configuration of one test. */
export class Nginx {
  private constructor(
    private readonly program: RunningProgram,
    private readonly folder: { path: string; remove(): Promise<void> },
  ) {}

  /** Starts nginx. @param server directives of its one `server`, besides `listen` and the certificate */
  static async start(port: number, certificate: Certificate, server: string): Promise<Nginx> {
    const folder = await temporaryFolder('nginx');
    try {
      const file = join(folder.path, 'nginx.conf');
      await writeFile(file, configuration(folder.path, port, certificate, server));
      const program = await RunningProgram.start(
        '/usr/sbin/nginx',
        ['-p', folder.path, '-e', join(folder.path, 'error.log'), '-c', file],
        async () => listens(port),
      );
      return new Nginx(program, folder);
    } catch (error) {
      await folder.remove();
      throw error;
    }
  }

  /** The text of its logs. */
  async logs(): Promise<string> {
    const files = ['access.log', 'error.log'].map(async (name) => readFile(join(this.folder.path, name), 'utf8'));
    return (await Promise.all(files)).join('');
  }

  async stop(): Promise<void> {
    await this.program.stop();
    await this.folder.remove();
  }
}

function configuration(folder: string, port: number, { certFile, keyFile }: Certificate, server: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  return [
    // Workers run as root too, because the default user may not read the folder.
    ...(isRoot() ? ['user root;'] : []),
    'daemon off;',
    'worker_processes 1;',
    `pid ${folder}/nginx.pid;`,
    `error_log ${folder}/error.log;`,
    'events {}',
    'http {',
    `access_log ${folder}/access.log;`,
    ...temporary,
    'server {',
    `listen 127.0.0.1:${String(port)} ssl;`,
    'server_name localhost;',
    `ssl_certificate ${certFile};`,
    `ssl_certificate_key ${keyFile};`,
    server,
    '}',
    '}',
    '',
  ].join('\n');
}
