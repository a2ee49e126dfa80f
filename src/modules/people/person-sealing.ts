import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { EmailAddress } from '../../shared/mail/email-address.js';
import { open, openBytes, seal } from '../../shared/crypto/sealing.js';

export interface PersonSecrets {
  masterKey: Buffer;
  personSecret: Buffer;
}

/** Hashes and seals what a row of `person` holds. */
export class PersonSealing {
  private readonly masterKey: KeyObject;
  private readonly personSecret: KeyObject;

  constructor({ masterKey, personSecret }: PersonSecrets) {
    this.masterKey = createSecretKey(masterKey);
    this.personSecret = createSecretKey(personSecret);
  }

  hashOf(email: EmailAddress): string {
    return createHmac('sha256', this.personSecret).update(email).digest('base64url');
  }

  sealEmail(personId: string, email: EmailAddress): string {
    return seal(this.masterKey, `${personId}|email`, email);
  }

  sealKey(personId: string, key: Buffer): string {
    return seal(this.masterKey, `${personId}|key`, key);
  }

  openKey(personId: string, wrappedKey: string): Buffer {
    return openBytes(this.masterKey, `${personId}|key`, wrappedKey);
  }

  /** @throws when neither key opens the address */
  openEmail(personId: string, sealedEmail: string, unwrap: () => Buffer): EmailAddress {
    try {
      return open(this.masterKey, `${personId}|email`, sealedEmail) as EmailAddress;
    } catch {
      // Earlier versions sealed the address under the person's own key.
      return open(unwrap(), `${personId}|email`, sealedEmail) as EmailAddress;
    }
  }
}
