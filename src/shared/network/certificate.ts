import { X509Certificate } from 'node:crypto';

/** Whether a text holds a certificate in PEM. Node takes anything for an authority, and then trusts nobody. */
export function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}
