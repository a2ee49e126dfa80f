import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { applyDecorators } from '@nestjs/common';
import { Transform, type TransformFnParams } from 'class-transformer';
import { ValidateBy, type ValidationOptions } from 'class-validator';
import { isWebAddress } from '../../shared/http/links/links.js';
import { normaliseEmail } from '../../shared/mail/email-address.js';
import { readSender } from '../../shared/mail/sender.js';
import { readCertificateFile, type CertificateFile } from './certificate-file.js';

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i;
const TOKEN = /^[\x21-\x7e]{20,200}$/;
const MIN_SECRET_LENGTH = 32;
const MIN_DISTINCT_CHARACTERS = 10;
/** Fastify's names for local networks. */
const LOCAL_NETWORKS = ['loopback', 'linklocal', 'uniquelocal'];

/** A check by a function that returns what is wrong, as half a sentence without the value; null: nothing. */
export function CheckedBy<T>(problemWith: (value: T) => string | null): PropertyDecorator {
  return ValidateBy(
    { name: 'checkedBy', validator: { validate: (value: T) => problemWith(value) === null } },
    { message: ({ value }) => problemWith(value as T) ?? '' },
  );
}

/** A whole number from 0 to `max`. Any other text becomes NaN, which equals no number and is refused. */
export function IsWholeNumber(
  max: number,
  message = `must be a whole number from 0 to ${String(max)}`,
  min = 0,
): PropertyDecorator {
  return applyDecorators(
    converted((text) => (/^\d{1,8}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : NaN)),
    says(message, (value) => !Number.isNaN(value)),
  );
}

/** One of two words, as a boolean. */
export function IsSwitch(on: string, off: string): PropertyDecorator {
  return applyDecorators(
    converted((text) => ({ [on]: true, [off]: false })[text] ?? text),
    says(`must be ${on} or ${off}`, (value) => typeof value === 'boolean'),
  );
}

export function IsOneOf(words: readonly string[]): PropertyDecorator {
  return says(`must be one of ${words.join(', ')}`, (text: string) => words.includes(text));
}

export function IsHost(): PropertyDecorator {
  return says(
    'must be an IP address or a host name, without port',
    (text: string) => isIP(text) > 0 || HOST_NAME.test(text),
  );
}

/** The folder's absolute path. */
export function IsFolder(): PropertyDecorator {
  return converted((text) => resolve(text));
}

/** The address without slashes at its end, because links are this address and a path. */
export function IsBaseUrl(): PropertyDecorator {
  return applyDecorators(
    converted((text) => text.replace(/\/+$/, '')),
    says('must look like https://invitations.example.org', isBaseUrl),
  );
}

/** The file's content, which is read once. */
export function IsCertificateFile(): PropertyDecorator {
  return applyDecorators(
    converted(readCertificateFile),
    CheckedBy(({ problem }: CertificateFile) => problem),
  );
}

export function IsSender(): PropertyDecorator {
  return says(
    'must be one sender like Rolecall <no-reply@example.org>: no group, no second address, and quotes in pairs',
    (text: string) => readSender(text) !== null,
  );
}

export function IsEmailAddress(): PropertyDecorator {
  return says('must be an e-mail address', (text: string) => normaliseEmail(text) !== null);
}

export function HasLength(min: number, max: number): PropertyDecorator {
  return says(
    `must have ${String(min)} to ${String(max)} characters`,
    ({ length }: string) => length >= min && length <= max,
  );
}

export function IsStrongSecret(options: ValidationOptions = {}): PropertyDecorator {
  return says(
    `is too weak: use at least ${String(MIN_SECRET_LENGTH)} random characters, for example from "openssl rand -base64 48"`,
    (secret: string) => secret.length >= MIN_SECRET_LENGTH && new Set(secret).size >= MIN_DISTINCT_CHARACTERS,
    options,
  );
}

/** Secrets between commas, as a list. */
export function AreStrongSecrets(): PropertyDecorator {
  return applyDecorators(converted(partsOf), IsStrongSecret({ each: true }));
}

export function IsToken(): PropertyDecorator {
  return says('must have 20 to 200 printable ASCII characters, no spaces', (text: string) => TOKEN.test(text));
}

export function IsHttpsAddress(): PropertyDecorator {
  return says('must be an https address without user name', (text: string) => isWebAddress(text, ['https:']));
}

/** An address that isn't run as a script or opened as a file. */
export function IsAppLink(): PropertyDecorator {
  return says(
    'must be an address with {url} in it',
    (text: string) =>
      text.includes('{url}') && URL.canParse(text) && !/^(?:javascript|data|vbscript|file):/i.test(text),
  );
}

/** Ids of apps between commas, each with the id of its team, as a list. */
export function AreAppleAppIds(): PropertyDecorator {
  return applyDecorators(
    converted(partsOf),
    says(
      'must be app ids like ABCDE12345.org.example.app, separated by commas',
      (id: string) => /^[A-Z0-9]{10}(?:\.[A-Za-z0-9-]+){2,}$/.test(id),
      { each: true },
    ),
  );
}

/** Packages between commas, each with a fingerprint of its certificate, as a list. */
export function AreAndroidApps(): PropertyDecorator {
  return applyDecorators(
    converted(partsOf),
    says(
      'must be packages with a SHA-256 fingerprint each, like org.example.app/14:6D:E9:..., separated by commas',
      (app: string) => /^[A-Za-z]\w*(?:\.[A-Za-z]\w*)+\/[0-9A-F]{2}(?::[0-9A-F]{2}){31}$/.test(app),
      { each: true },
    ),
  );
}

/** Addresses and networks between commas, as a list. */
export function AreNetworks(): PropertyDecorator {
  return applyDecorators(
    converted(partsOf),
    says('must be addresses or networks like 10.0.0.0/8, separated by commas', isNetwork, { each: true }),
  );
}

/** A contact's URI; an e-mail address becomes one. */
export function IsContact(): PropertyDecorator {
  return applyDecorators(
    converted((text) => contactUri(text) ?? text),
    says(
      'must be an e-mail address, or begin with mailto:, tel: or https:',
      (text: string) => contactUri(text) !== null,
    ),
  );
}

function says<T>(message: string, isGood: (value: T) => boolean, options: ValidationOptions = {}): PropertyDecorator {
  return ValidateBy({ name: 'says', validator: { validate: (value: T) => isGood(value) } }, { ...options, message });
}

function converted(convert: (text: string) => unknown): PropertyDecorator {
  return Transform(({ value }: TransformFnParams): unknown => (typeof value === 'string' ? convert(value) : value));
}

function partsOf(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

/** A link is this address and a path. So the address may hold no query, no fragment and no password. */
function isBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    ['http:', 'https:'].includes(url.protocol) &&
    url.username + url.password === '' &&
    !/[?#]/.test(text)
  );
}

function isNetwork(text: string): boolean {
  if (LOCAL_NETWORKS.includes(text)) return true;
  const [address = '', prefix = '0', ...rest] = text.split('/');
  const bits = { 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}

/** Turns an e-mail address into `mailto:…`. Returns null when the text names no contact. */
function contactUri(text: string): string | null {
  const isEmail = (address: string): boolean => normaliseEmail(address) !== null && /^[!-~]+$/.test(address);
  if (isEmail(text)) return `mailto:${text}`;
  const named = /^mailto:(.+)$/i.exec(text)?.[1];
  const isGood =
    named !== undefined
      ? isEmail(named)
      : /^tel:\+[0-9-]+$/i.test(text) || (isWebAddress(text, ['https:']) && /^[!-~]+$/.test(text));
  return isGood ? text : null;
}
