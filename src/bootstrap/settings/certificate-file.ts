import { readFileSync } from 'node:fs';
import { isCertificate } from '../../shared/network/certificate.js';

/** The content of a file that must hold certificates alone, and what is wrong with it. */
export interface CertificateFile {
  /** Null: the file can't be read. */
  pem: string | null;
  /** Half a sentence, to follow the setting's name. Null: the file is good. */
  problem: string | null;
}

export function readCertificateFile(path: string): CertificateFile {
  try {
    const pem = readFileSync(path, 'utf8');
    const certificates = pem.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
    const isGood = certificates.length > 0 && certificates.every(isCertificate);
    return { pem, problem: isGood ? null : 'names a file that holds no certificate, or a damaged one' };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return { pem: null, problem: `names a file that can't be read (${code})` };
  }
}
