import type { RecordedEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { type Act, type Offer, Standings } from './standings.js';

/** A link of an explanation, as far as it is checked. */
export interface GivenLink {
  eventId: string;
  number: number;
  isNeeded: boolean;
  basis: string | null;
  authority: number | null;
}

export interface GivenExplanation {
  chain: GivenLink[];
  authorities: Map<number, GivenLink[]>;
  endsWith: string;
}

/** A grant that began with one event and ended with another. Null: it never ended. */
export interface KnownGrant {
  stream: string;
  from: number;
  to: number | null;
}

/** The numbers of the events that a grant needs at any time, and the role that it names. */
interface Needs {
  numbers: number[];
  stream: string;
  kind: string;
  role: string;
  endsWith: string;
}

/**
 * Knows from the log alone what an explanation must say. It is written apart from the product's, which it checks, and
 * shares no code with it.
 */
export class ExplanationChecker {
  private readonly known = new Map<number, KnownGrant>();
  private readonly needs = new Map<number, Needs>();
  /** Why each event could happen: a word, or the number of the event that began its actor's grant. */
  private readonly bases = new Map<number, string | number>();
  private readonly creations = new Map<string, number>();
  private readonly roleEvents = new Map<string, number[]>();
  private readonly releases: number[] = [];

  constructor(private readonly log: readonly RecordedEvent[]) {
    const standings = new Standings();
    for (const [number, event] of log.entries()) {
      this.bases.set(number, basisOf(standings.actOf(event), standings));
      const before = standings.held.get(event.stream);
      const offer = standings.offers.get(event.stream);
      standings.take(event, number);
      this.note(event, number);
      const after = standings.held.get(event.stream);
      if (before !== after) this.noteGrant(event, number, before?.since, after?.role, offer);
    }
  }

  /** Every grant of the log. */
  get grants(): KnownGrant[] {
    return [...this.known.values()];
  }

  /** What is wrong with an explanation of a grant at a number. Nothing: it is right. */
  faults({ from, stream }: KnownGrant, number: number, { chain, authorities, endsWith }: GivenExplanation): string[] {
    const uses = usesIn(chain, authorities);
    const faults = [
      ...this.faultsOf(from, [number], chain),
      ...[...uses].flatMap(([authority, numbers]) =>
        this.faultsOf(authority, numbers, authorities.get(authority) ?? []),
      ),
    ];
    if (!isSameSet(new Set(uses.keys()), [...authorities.keys()]))
      faults.push('other authorities than are referred to');
    if (this.needs.get(from)?.endsWith !== endsWith) faults.push(`${stream} ends with ${endsWith}`);
    return faults;
  }

  /** What is wrong with the chain of a grant that was used at some numbers. */
  private faultsOf(grant: number, numbers: readonly number[], links: readonly GivenLink[]): string[] {
    if (!this.known.has(grant)) return [`${String(grant)} began no grant`];
    const faults: string[] = [];
    const expected = new Set(numbers.flatMap((at) => this.neededBy(grant, at)));
    const given = links.filter(({ isNeeded }) => isNeeded);
    const found = given.map((link) => link.number);
    if (!isSameSet(expected, found))
      faults.push(`${String(grant)} needs ${this.named(expected)} at ${numbers.join()}, not ${this.named(found)}`);
    for (const { number: at, basis, authority } of given) {
      const by = this.bases.get(at);
      if (typeof by === 'number' ? basis !== 'grant' || authority !== by : basis !== by || authority !== null)
        faults.push(`${String(at)} happened by ${String(by)}, not ${String(basis)} ${String(authority)}`);
    }
    const others = links.filter(({ number: at, eventId }) => this.log[at]?.id !== eventId);
    return [...faults, ...others.map(({ number: at }) => `${String(at)} is another event`)];
  }

  private named(numbers: Iterable<number>): string {
    return [...numbers].map((one) => `${String(one)} ${this.log[one]?.type ?? '-'}`).join();
  }

  private note({ type, stream, data }: RecordedEvent, number: number): void {
    if (/^(Organisation|Deployment|Group|PatientLink)Created$/.test(type)) this.creations.set(stream, number);
    if (type === 'BuiltInRolesChanged') this.releases.push(number);
    if (/^Role(Defined|Edited|Deleted)$/.test(type)) {
      const role = data['roleId'] as string;
      this.roleEvents.set(role, [...(this.roleEvents.get(role) ?? []), number]);
    }
  }

  private noteGrant(
    { type, stream, metadata }: RecordedEvent,
    number: number,
    before: number | undefined,
    role: string | undefined,
    offer: Offer | undefined,
  ): void {
    const open = before === undefined ? undefined : this.known.get(before);
    if (open) open.to = number;
    if (role === undefined) return;
    const base = before === undefined ? undefined : this.needs.get(before);
    const offered = offer ? [offer.issued, offer.changed ?? offer.issued, offer.last] : [];
    const link = offer?.link === undefined ? [] : [this.creations.get(`patientLink-${offer.link}`)!];
    const isFounded = type === 'GroupFounderJoined';
    const joined = isFounded ? [number] : [...offered, ...link, number];
    // A later change takes the place of an earlier one.
    const kept = base ? base.numbers.filter((one) => !CHANGES.test(this.log[one]!.type)) : [];
    this.known.set(number, { stream, from: number, to: null });
    this.needs.set(number, {
      numbers: base ? [...kept, number] : joined,
      stream: `${metadata.scope.kind}-${metadata.scope.id}`,
      kind: stream.slice(0, stream.indexOf('-')),
      role,
      endsWith: base?.endsWith ?? (isFounded ? 'founder' : link.length > 0 ? 'link' : 'first-start'),
    });
  }

  private neededBy(grant: number, number: number): number[] {
    const { numbers, stream, kind, role } = this.needs.get(grant)!;
    const created = this.creations.get(stream);
    return [
      ...numbers,
      ...(created === undefined || created > number ? [] : [created]),
      ...(kind === 'groupMember' ? [this.releaseAt(number)] : []),
      ...(kind === 'staff' ? this.definitions(role, number) : []),
    ];
  }

  /** The events that define a role at a number, with the deletions that lead to what it means. */
  private definitions(role: string, number: number): number[] {
    const [found, passed] = [[] as number[], new Set<string>()];
    let listed: string[] = [];
    for (let next: string | undefined = role; next !== undefined && !passed.has(next);) {
      passed.add(next);
      const events = (this.roleEvents.get(next) ?? []).filter((one) => one <= number);
      if (events.length === 0) {
        const [since, permissions] = this.builtIn(next, number);
        found.push(since);
        listed = permissions;
        break;
      }
      const deletion = events.findLast((one) => this.log[one]!.type === 'RoleDeleted');
      if (deletion === undefined) {
        const meant = events.findLast((one) => 'permissions' in this.log[one]!.data)!;
        found.push(meant);
        listed = this.log[meant]!.data['permissions'] as string[];
        break;
      }
      found.push(deletion);
      next = this.log[deletion]!.data['movedTo'] as string | undefined;
    }
    const release = this.releaseAt(number);
    const implied = this.log[release]!.data['implied'] as Record<string, string[] | undefined>;
    const isWidened = listed.some((one) => implied[one]?.some((other) => !listed.includes(other)));
    return isWidened ? [...found, release] : found;
  }

  /** The release since which a built-in role is as it is at a number, and its permissions. */
  private builtIn(role: string, number: number): [since: number, permissions: string[]] {
    const at = (release: number): string[] =>
      (this.log[release]!.data['roles'] as { id: string; permissions: string[] }[]).find(({ id }) => id === role)
        ?.permissions ?? [];
    const last = this.releases.indexOf(this.releaseAt(number));
    let since = last;
    while (since > 0 && at(this.releases[since - 1]!).join() === at(this.releases[since]!).join()) since -= 1;
    return [this.releases[since]!, at(this.releases[last]!)];
  }

  private releaseAt(number: number): number {
    return this.releases.findLast((one) => one <= number) ?? this.releases[0]!;
  }
}

const CHANGES = /^(StaffRoleChanged|GroupPermissionsChanged|PatientOffboarded|PatientReactivated)$/;

function basisOf(act: Act, standings: Standings): string | number {
  if (typeof act === 'string') return act;
  return standings.authority(act)?.since ?? 'unknown';
}

function isSameSet(expected: ReadonlySet<number>, given: readonly number[]): boolean {
  return expected.size === given.length && given.every((one) => expected.has(one));
}

/** At which numbers each authority is used that the chain leads to. */
function usesIn(
  chain: readonly GivenLink[],
  authorities: ReadonlyMap<number, readonly GivenLink[]>,
): Map<number, number[]> {
  const uses = new Map<number, number[]>();
  for (let links: readonly GivenLink[] = chain; links.length > 0;) {
    const found = new Set<number>();
    for (const { number, isNeeded, authority } of links) {
      if (!isNeeded || authority === null) continue;
      if (!uses.has(authority)) found.add(authority);
      uses.set(authority, [...(uses.get(authority) ?? []), number - 1]);
    }
    links = [...found].flatMap((authority) => authorities.get(authority) ?? []);
  }
  return uses;
}
