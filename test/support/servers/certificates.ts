import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, temporaryFolder } from './programs.js';

/** A certificate and its key, as files and as PEM. */
export interface Certificate {
  certFile: string;
  keyFile: string;
  cert: string;
  key: string;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];

/** The certificate authority of a test. openssl makes it and its certificates. */
export class CertificateAuthority {
  private made = 0;

  private constructor(
    private readonly folder: string,
    private readonly own: Certificate,
    /** Removes all its files. */
    readonly remove: () => Promise<void>,
  ) {}

  static async make(name: string): Promise<CertificateAuthority> {
    const { path, remove } = await temporaryFolder('certificates');
    const own = await request(path, 'authority', [
      ...KEY,
      '-x509',
      '-subj',
      `/CN=${name}`,
      '-addext',
      'keyUsage=critical,keyCertSign,cRLSign',
    ]);
    return new CertificateAuthority(path, own, remove);
  }

  /** The file of the certificate that clients trust. */
  get certFile(): string {
    return this.own.certFile;
  }

  get cert(): string {
    return this.own.cert;
  }

  /** A certificate for a server. @param names in openssl's form: `DNS:localhost`, `IP:127.0.0.1` */
  async certificateFor(names: readonly string[]): Promise<Certificate> {
    return this.sign('server', ['-addext', `subjectAltName=${names.join(',')}`]);
  }

  /** A certificate for a client. @param user the role that PostgreSQL's `cert` compares it with */
  async clientCertificate(user: string): Promise<Certificate> {
    return this.sign(user, ['-addext', 'extendedKeyUsage=clientAuth']);
  }

  private async sign(subject: string, extensions: readonly string[]): Promise<Certificate> {
    this.made += 1;
    const signed = [
      '-x509',
      '-CA',
      this.own.certFile,
      '-CAkey',
      this.own.keyFile,
      '-subj',
      `/CN=${subject}`,
      '-addext',
      'basicConstraints=critical,CA:FALSE',
      ...extensions,
    ];
    return request(this.folder, `signed-${String(this.made)}`, [...KEY, ...signed]);
  }
}

/** Runs `openssl req`, which makes keys that only their owner may read. */
async function request(folder: string, name: string, args: readonly string[]): Promise<Certificate> {
  const [certFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  await run('openssl', ['req', ...args, '-keyout', keyFile, '-out', certFile]);
  return { certFile, keyFile, cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') };
}
