import { X509Certificate } from 'node:crypto';

/**
 * Tells whether a text holds a certificate in PEM. Node accepts any text as an authority, and then trusts no
 * certificate.
 */
export function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}
