import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { type Scope, Scopes } from '../../access/access.contract.js';
import { placeName, type ScopeKind, scopeOf } from '../../access/access.domain.contract.js';
import { type KnownPerson, People, PersonNames } from '../../people/people.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { PublicUrl } from '../../../shared/http/links/origin.js';
import { MailTemplates } from '../../../shared/mail/mail-templates.js';
import type { ComposedMail, MailComposer } from '../../../shared/outbox/mail-dispatcher.js';
import type { NewEntry, OutboxEntry } from '../../../shared/outbox/outbox.js';
import { Subscriptions } from '../subscriptions/subscriptions.js';
import { InvitationPolicies, type InvitationPolicy } from '../policy/invitation-policy.js';
import type { Issued } from '../domain/invitation.js';
import { CHANGE } from './issue-entry.js';
import { INVITATION_MAIL } from './invitation-mail.projection.js';
import { REMINDER_MAIL, reminderAfter } from './invitation-reminder.js';
import { LinkTokens, type LinkPurpose } from '../../../shared/http/links/link-token.js';
import { messageOf, pendingOf } from '../domain/membership-stream.js';
import { yieldToEventLoop } from '../../../shared/resilience/event-loop.js';

/** Links to the app, for types whose members use one. */
interface AppLinks {
  /** A link to either of the two stores. */
  anyStore: string | null;
  appStoreUrl: string | null;
  playStoreUrl: string | null;
  /** The link itself, where `openUrl` opens it in the app. */
  browserUrl: string | null;
}

export const NO_APP: AppLinks = { anyStore: null, appStoreUrl: null, playStoreUrl: null, browserUrl: null };

/** The data for the template of an invitation mail. */
export interface InvitationMailData extends AppLinks {
  roleName: string;
  scopeKind: ScopeKind;
  scopeName: string;
  /** The organisation that holds the scope; null for an organisation itself and the platform. */
  parentName: string | null;
  /** The scope's name, with its organisation's where that adds information. */
  place: string;
  /** Null when the system invites. */
  inviterName: string | null;
  message: string | null;
  /** ISO UTC. */
  expiresAt: string;
  /** The link, or a URL that opens it in the app. The product never logs or stores it. */
  openUrl: string;
}

interface Shown {
  entry: OutboxEntry;
  issued: Issued;
  /** The reminder that follows this mail, if there is one. */
  next: NewEntry | undefined;
  person: KnownPerson;
  view: InvitationMailData;
  unsubscribeUrl: string;
  /** Whether the recipient unsubscribed from mails of this organisation. */
  isUnsubscribed: boolean;
}

/**
 * Writes invitation mails and their reminders, and derives the link each time. Writes no mail for an issue that is no
 * longer pending.
 */
@Injectable()
export class InvitationMailComposer implements MailComposer {
  readonly kinds = [INVITATION_MAIL, REMINDER_MAIL];

  constructor(
    private readonly store: EventStore,
    private readonly people: People,
    private readonly names: PersonNames,
    private readonly scopes: Scopes,
    private readonly policies: InvitationPolicies,
    private readonly tokens: LinkTokens,
    private readonly publicUrl: PublicUrl,
    private readonly templates: MailTemplates,
    private readonly clock: Clock,
    private readonly subscriptions: Subscriptions,
    private readonly database: Database,
  ) {}

  async compose(entries: readonly OutboxEntry[]): Promise<Map<string, ComposedMail>> {
    const histories = await this.store.readMany([...new Set(entries.map((entry) => entry.stream))]);
    const reminded = await this.remindedBefore(entries, histories);
    const wanted = entries.flatMap((entry) => {
      const history = histories.get(entry.stream) ?? [];
      const issued = pendingOf(history, this.clock.now());
      const isDue =
        entry.kind !== REMINDER_MAIL || (reminderAfter(history)?.key === entry.key && !reminded.has(issueOf(entry)));
      return issued?.issue === entry.issue && isDue ? [{ entry, history, issued }] : [];
    });
    const personIds = wanted.map(({ issued }) => issued.personId);
    const [people, names, unsubscribed] = await Promise.all([
      this.people.getByIds(personIds),
      this.names.of(wanted.map(({ issued }) => issued.issuedBy)),
      this.subscriptions.of(personIds),
    ]);
    const shown = await Promise.all(
      wanted.map(async ({ entry, history, issued }) => {
        const person = people.get(issued.personId);
        const scope = history[0] && (await this.scopes.load(scopeOf(history[0])));
        // An archived scope sends no reminders, because nobody can accept there.
        if (!person || !scope || (scope.archived && entry.kind === REMINDER_MAIL)) return [];
        const next = entry.kind === INVITATION_MAIL ? reminderAfter(history) : undefined;
        const view = await this.view(entry, issued, person, scope, names.get(issued.issuedBy) ?? null);
        const isUnsubscribed =
          unsubscribed.get(issued.personId)?.has(history[0]?.metadata.organisationId ?? null) ?? false;
        return [
          {
            entry,
            issued,
            next,
            person,
            view,
            isUnsubscribed,
            unsubscribeUrl: `${this.publicUrl.base}/unsubscribe/${this.token(entry, issued, 'unsubscribe')}`,
          },
        ];
      }),
    );
    return this.write(shown.flat());
  }

  /**
   * The issues that were reminded before their terms changed, among those of the reminders. Without a change there is one
   * reminder, so nothing is read.
   */
  private async remindedBefore(
    entries: readonly OutboxEntry[],
    histories: ReadonlyMap<string, readonly StoredEvent[]>,
  ): Promise<Set<string>> {
    const changed = entries.filter(
      ({ kind, stream }) => kind === REMINDER_MAIL && histories.get(stream)?.some(({ type }) => type === CHANGE),
    );
    if (changed.length === 0) return new Set();
    const { rows } = await sql<Pick<OutboxEntry, 'invitation_id' | 'issue'>>`
      select invitation_id, issue from outbox where kind = ${REMINDER_MAIL} and state = 'sent'
        and invitation_id = any(${uuids(changed.map(({ invitation_id: id }) => id))})`.execute(this.database.kysely());
    return new Set(rows.map(issueOf));
  }

  private async view(
    entry: OutboxEntry,
    issued: Issued,
    person: KnownPerson,
    scope: Scope,
    inviterName: string | null,
  ): Promise<InvitationMailData> {
    const policy = this.policyOf(entry);
    const [description] = await policy.describe([
      { grant: issued.grant, organisationId: scope.organisation?.id ?? null },
    ]);
    const url = `${this.publicUrl.base}/invitations/${this.token(entry, issued, 'open')}`;
    return {
      ...NO_APP,
      openUrl: url,
      ...(await policy.mailData(scope, url, issued.grant)),
      roleName: description?.roleName ?? '',
      scopeKind: scope.kind,
      scopeName: scope.name,
      parentName: scope.organisation && scope.organisation.id !== scope.id ? scope.organisation.name : null,
      place: placeName(scope),
      inviterName,
      message: messageOf(issued, entry.stream, person),
      expiresAt: issued.expiresAt,
    };
  }

  private policyOf({ stream }: OutboxEntry): InvitationPolicy {
    return this.policies.of(StreamId.parse(stream).category);
  }

  private token(entry: OutboxEntry, { issue, invitationId }: Issued, purpose: LinkPurpose): string {
    const streamUuid = StreamId.parse(entry.stream).uuid;
    return this.tokens.derive({ kind: this.policyOf(entry).kind, streamUuid, issue }, invitationId, purpose);
  }

  /** Writes one after the other and yields to the event loop, because a hundred templates would block it. */
  private async write(shown: readonly Shown[]): Promise<Map<string, ComposedMail>> {
    const yieldIfDue = yieldToEventLoop();
    const mails = new Map<string, ComposedMail>();
    for (const { entry, issued, next, person, view, unsubscribeUrl, isUnsubscribed } of shown) {
      await yieldIfDue();
      const template = this.policyOf(entry).mailTemplates[entry.kind === REMINDER_MAIL ? 'reminder' : 'invitation'];
      mails.set(entry.key, {
        id: entry.key,
        to: person.email,
        ...this.templates.render(template, issued.locale, view),
        next,
        unsubscribeUrl,
        ...(isUnsubscribed ? { withheld: 'unsubscribed' } : {}),
      });
    }
    return mails;
  }
}

/** Names one issue of an invitation. */
function issueOf({ invitation_id: id, issue }: Pick<OutboxEntry, 'invitation_id' | 'issue'>): string {
  return `${id} ${String(issue)}`;
}
