import { createHmac } from 'node:crypto';

/** The keys that an installation uses. */
export interface Keys {
  linkSecrets: readonly Buffer[];
  masterKey: Buffer;
  personSecret: Buffer;
  sessionSecret: string;
}

/** Checks that tell whether two installations have the same keys. They reveal nothing else about the keys. */
export interface KeyChecks {
  LINK_SECRET: string[];
  MASTER_KEY: string;
  PERSON_SECRET: string;
  SESSION_SECRET: string;
}

export function keyChecks({ linkSecrets, masterKey, personSecret, sessionSecret }: Keys): KeyChecks {
  return {
    LINK_SECRET: linkSecrets.map(checkOf),
    MASTER_KEY: checkOf(masterKey),
    PERSON_SECRET: checkOf(personSecret),
    SESSION_SECRET: checkOf(sessionSecret),
  };
}

/**
 * Describes what an installation with the keys `to` could not use of one with the keys `from`; empty: it can use
 * everything.
 * Another SESSION_SECRET is allowed, because it only makes people sign in again.
 */
export function keysThatDiffer(from: KeyChecks, to: KeyChecks): string[] {
  return [
    ...(from.MASTER_KEY === to.MASTER_KEY
      ? []
      : ["MASTER_KEY is another one than where the files come from: nobody's name or address could be read"]),
    ...(from.PERSON_SECRET === to.PERSON_SECRET
      ? []
      : ['PERSON_SECRET is another one than where the files come from: nobody would be found by their address']),
    ...(from.LINK_SECRET.every((check) => to.LINK_SECRET.includes(check))
      ? []
      : [
          'LINK_SECRET lacks one that is used where the files come from: links in mails would stop working. Put it behind the new one, after a comma',
        ]),
  ];
}

function checkOf(key: Buffer | string): string {
  return createHmac('sha256', key).update('rolecall: which key is this?').digest('base64url').slice(0, 22);
}
