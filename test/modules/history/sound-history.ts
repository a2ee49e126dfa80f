import { PLATFORM } from '../../../src/modules/access/scope-ref.js';
import { createGroup, UNKNOWN_GROUP } from '../../../src/modules/groups/group/group.js';
import { groupMemberFrom, joinAsFounder } from '../../../src/modules/groups/members/group-member.js';
import { acceptInvitation, issueInvitation } from '../../../src/modules/invitations/domain/invitation.js';
import { invitationOf, membershipStream } from '../../../src/modules/invitations/domain/membership-stream.js';
import { createPatientLink, UNKNOWN_LINK } from '../../../src/modules/patients/invite-links/patient-link.js';
import type { DomainEvent } from '../../../src/shared/event-sourcing/command-handling.js';
import type { StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import type { Random } from '../../shared/event-sourcing/event-store-support.js';
import { type HistorySize, type Organisation, RandomHistory } from './random-history.js';
import { Standings } from './standings.js';
import { type Home, ON_PLATFORM, WrittenLog } from './written-log.js';

/** Ends what nobody may end: the membership of the first super-admin. */
const ENDS = /^(StaffRoleChanged|StaffMemberRemoved|StaffMemberLeft)$/;

/** A log that only takes what its actor may do. If the given actor may not act, it finds somebody who may. */
class SoundLog extends WrittenLog {
  readonly standings = new Standings();
  /** The membership of the first super-admin. */
  first: string | null = null;

  override append(stream: string, home: Home, actor: string, domainEvents: readonly DomainEvent[]): boolean {
    const by = this.actorOf(stream, home, actor, domainEvents[0]);
    if (by === null) return false;
    const start = this.events.length;
    super.append(stream, home, by, domainEvents);
    for (let n = start; n < this.events.length; n += 1) this.standings.take(this.events[n]!, n);
    return true;
  }

  /** Who does it; null: nobody may. */
  private actorOf(stream: string, { scope, organisationId }: Home, actor: string, event?: DomainEvent): string | null {
    if (!event || (stream === this.first && ENDS.test(event.type))) return null;
    const metadata = {
      actor,
      scope,
      organisationId,
      schemaVersion: 1,
      $correlationId: '',
      $causationId: '',
      commandId: '',
    };
    const act = this.standings.actOf({ type: event.type, data: event.data as StoredEvent['data'], stream, metadata });
    if (event.type === 'InvitationAccepted') {
      const mayStillGive = typeof act === 'string' || this.able(act).includes(act.by);
      return mayStillGive ? (event.data as { personId: string }).personId : null;
    }
    if (typeof act === 'string') return act === 'release' ? 'system' : actor;
    const able = this.able(act);
    if (able.includes(actor)) return actor;
    return able.length === 0 ? null : able[this.random.int(able.length)]!;
  }

  able(act: Exclude<ReturnType<Standings['actOf']>, string>): string[] {
    return this.standings
      .able(act)
      .filter((one) => this.standings.suffices(one, act))
      .map(({ person }) => person);
  }
}

/** A random history in which everybody could do what they did, from the first super-admin on. */
export class SoundHistory extends RandomHistory {
  private readonly links = new Map<string, string[]>();

  constructor(random: Random, size: HistorySize, others: readonly StoredEvent[], types: readonly string[]) {
    super(random, size, others, types, new SoundLog(random, size.start, size.meanStepMs));
  }

  override write(): WrittenLog {
    const log = this.log as SoundLog;
    const person = this.pick(this.people);
    log.first = membershipStream('staff', PLATFORM, person);
    const offer = { invitationId: this.random.uuid(), personId: person, grant: { role: 'super-admin' }, locale: 'en' };
    log.decide(log.first, ON_PLATFORM, 'system', (history, now) =>
      issueInvitation(invitationOf(history), { ...offer, window: '24h' }, now),
    );
    log.decide(log.first, ON_PLATFORM, 'system', (history, now) => acceptInvitation(invitationOf(history), 1, now));
    return super.write();
  }

  protected override act(organisation: Organisation): void {
    if (this.random.int(20) === 0) this.inviteThroughLink(organisation);
    else super.act(organisation);
  }

  /** The founder joins before the group is there, as in the product. */
  protected override createGroup(organisation: Organisation): void {
    if (organisation.groups.length >= 5) return;
    const log = this.log as SoundLog;
    const act = { by: '', permission: 'groups.create', scopes: [organisation.id, PLATFORM.id], gives: [] };
    const founder = this.pick(log.able(act));
    const id = this.random.uuid();
    const home = { scope: { kind: 'group', id }, organisationId: organisation.id } as const;
    const stream = membershipStream('groupMember', home.scope, founder);
    log.decide(stream, home, founder, (history) => joinAsFounder(groupMemberFrom(history), founder));
    log.decide(`group-${id}`, home, founder, () =>
      createGroup(UNKNOWN_GROUP, organisation.id, { name: `Group ${id}`, description: null }),
    );
    this.memberships.push({ stream, home, organisation });
    organisation.groups.push({ id, home, members: [stream], files: [] });
  }

  private inviteThroughLink(organisation: Organisation): void {
    const { id, home } = this.pick(organisation.deployments);
    const links = this.links.get(id) ?? [];
    this.links.set(id, links);
    if (links.length === 0 || this.random.int(5) === 0) {
      const link = this.random.uuid();
      const options = { name: null, window: '1y', maxUses: null, locale: 'en' } as const;
      const isMade = this.log.decide(`patientLink-${link}`, home, this.pick(this.people), (_, now) =>
        createPatientLink(UNKNOWN_LINK, options, now),
      );
      if (isMade) links.push(link);
    }
    if (links.length === 0) return;
    const personId = this.pick(this.people);
    const stream = membershipStream('patient', home.scope, personId);
    const grant = { linkId: this.pick(links) };
    const offer = { invitationId: this.random.uuid(), personId, grant, window: '24h', locale: 'en' } as const;
    const isIssued = this.log.decide(stream, home, 'system', (history, now) =>
      this.isMember('patient', history) ? [] : issueInvitation(invitationOf(history), offer, now),
    );
    if (isIssued) this.memberships.push({ stream, home, organisation });
  }
}
