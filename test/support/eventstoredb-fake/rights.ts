import type { Metadata } from '@grpc/grpc-js';
import type { Log } from './log.js';

type Right = '$r' | '$w' | '$d' | '$mr' | '$mw';
type Acl = Partial<Record<Right, string | string[]>>;

interface User {
  password: string;
  groups: readonly string[];
}

const EVERYBODY = '$all';
const ADMINS = '$admins';

/**
 * The users of a fake and their rights, by stream metadata. Without a user all callers may do everything, as on an
 * insecure node. With users a stream is open to all of them by default, and `$…` streams and `$all` to `$admins`.
 */
export class Rights {
  private readonly users = new Map<string, User>();

  constructor(private readonly log: Log) {}

  /** Adds a user, or changes the user's password. Open calls go on. */
  setUser(name: string, password: string, groups: readonly string[] = []): void {
    this.users.set(name, { password, groups });
  }

  /** The refusal of a caller, at the start of a call and during a subscription. Undefined if there is none. */
  refusal(
    caller: Metadata,
    stream: string,
    right: Extract<Right, '$r' | '$w' | '$d'>,
  ): 'access-denied' | 'unauthenticated' | undefined {
    const refused = this.unauthenticated(caller);
    return refused ?? this.denial(caller, stream, right);
  }

  /** The refusal of an unknown user or wrong password, at the start of a call. */
  unauthenticated(caller: Metadata): 'unauthenticated' | undefined {
    if (this.users.size === 0) return undefined;
    const named = credentialsIn(caller);
    return named !== null && this.users.get(named.name)?.password !== named.password ? 'unauthenticated' : undefined;
  }

  /** The refusal of a right to a stream, of a user whom the start of the call accepted. */
  denial(caller: Metadata, stream: string, right: Extract<Right, '$r' | '$w' | '$d'>): 'access-denied' | undefined {
    if (this.users.size === 0) return undefined;
    const name = credentialsIn(caller)?.name;
    const groups = name === undefined ? [] : (this.users.get(name)?.groups ?? []);
    const roles = name === undefined ? [] : [name, EVERYBODY, ...groups];
    if (roles.includes(ADMINS)) return undefined;
    const allowed = [this.allowed(stream, right)].flat();
    return roles.some((role) => allowed.includes(role)) ? undefined : 'access-denied';
  }

  private allowed(stream: string, right: Right): string | string[] {
    // The rights to a stream's metadata belong to the stream.
    if (stream.startsWith('$$')) return this.allowed(stream.slice(2), right === '$r' ? '$mr' : '$mw');
    return this.aclOf(stream)[right] ?? (stream.startsWith('$') ? ADMINS : EVERYBODY);
  }

  private aclOf(stream: string): Acl {
    const latest = this.log.stream(`$$${stream}`)?.at(-1);
    return latest ? ((JSON.parse(Buffer.from(latest.data).toString()) as { $acl?: Acl }).$acl ?? {}) : {};
  }
}

function credentialsIn(caller: Metadata): { name: string; password: string } | null {
  const [header] = caller.get('authorization');
  const [name = '', ...password] =
    header === undefined
      ? []
      : Buffer.from(String(header).replace(/^Basic /, ''), 'base64')
          .toString()
          .split(':');
  return header === undefined ? null : { name, password: password.join(':') };
}
