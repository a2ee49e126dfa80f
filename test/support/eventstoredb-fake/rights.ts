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
 * Who calls, and what stream metadata lets them do. Without a user everybody may do everything, as on a node that runs insecure. With users,
 * a stream is open to all of them until its metadata says otherwise, and what begins with `$` to `$admins` alone: `$all` too.
 */
export class Rights {
  private readonly users = new Map<string, User>();

  constructor(private readonly log: Log) {}

  /** Absent groups: none. A user who is there gets this password from now on; calls under way go on. */
  setUser(name: string, password: string, groups: readonly string[] = []): void {
    this.users.set(name, { password, groups });
  }

  /** What the caller hears instead of an answer: at once, and while a subscription goes on; undefined: nothing is in the way. */
  refusal(
    caller: Metadata,
    stream: string,
    right: Extract<Right, '$r' | '$w' | '$d'>,
  ): 'access-denied' | 'unauthenticated' | undefined {
    const refused = this.unauthenticated(caller);
    return refused ?? this.denial(caller, stream, right);
  }

  /** Looked at where a call begins. */
  unauthenticated(caller: Metadata): 'unauthenticated' | undefined {
    if (this.users.size === 0) return undefined;
    const named = credentialsIn(caller);
    return named !== null && this.users.get(named.name)?.password !== named.password ? 'unauthenticated' : undefined;
  }

  /** Looked at for each stream, of who was let in when the call began. */
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
    // The rights to a stream's metadata are the stream's own.
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
