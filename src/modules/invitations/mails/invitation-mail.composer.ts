import { Injectable } from '@nestjs/common';
import { type Scope, Scopes } from '../../access/access.contract.js';
import { placeName, type ScopeKind, scopeOf } from '../../access/access.domain.contract.js';
import { type KnownPerson, People, PersonNames } from '../../people/people.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { PublicUrl } from '../../../shared/http/links/public-url.js';
import { MailTemplates } from '../../../shared/mail/mail-templates.js';
import type { ComposedMail, MailComposer } from '../../../shared/outbox/mail-dispatcher.js';
import type { NewEntry, OutboxEntry } from '../../../shared/outbox/outbox.js';
import { Subscriptions } from '../subscriptions/subscriptions.js';
import { InvitationPolicies } from '../policy/invitation-policy.js';
import type { Issued } from '../domain/invitation.js';
import { INVITATION_MAIL } from './invitation-mail.projection.js';
import { REMINDER_MAIL, reminderAfter } from './invitation-reminder.js';
import { LinkTokens, type LinkPurpose } from '../links/link-token.js';
import { messageOf, pendingOf } from '../domain/membership-stream.js';
import { yieldToEventLoop } from '../../../shared/resilience/event-loop.js';

/** What an invitation mail's template may show. */
export interface InvitationMailData {
  roleName: string;
  scopeKind: ScopeKind;
  scopeName: string;
  /** The organisation that holds the scope; null for an organisation itself and the platform. */
  parentName: string | null;
  /** Both names, where both say something. */
  place: string;
  /** Null when the system invites. */
  inviterName: string | null;
  message: string | null;
  /** ISO UTC. */
  expiresAt: string;
  /** Holds the link, so it is never logged or stored. */
  url: string;
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
 * Writes invitation mails, and the reminders that follow them. The link is derived anew each time. Nothing is written
 * for an issue that is no longer pending.
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
  ) {}

  async compose(entries: readonly OutboxEntry[]): Promise<Map<string, ComposedMail>> {
    const histories = await this.store.readMany([...new Set(entries.map((entry) => entry.stream))]);
    const wanted = entries.flatMap((entry) => {
      const history = histories.get(entry.stream) ?? [];
      const issued = pendingOf(history, this.clock.now());
      return issued?.issue === entry.issue ? [{ entry, history, issued }] : [];
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
        // Nobody is reminded in an archived scope, because nothing can be accepted there.
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

  private async view(
    entry: OutboxEntry,
    issued: Issued,
    person: KnownPerson,
    scope: Scope,
    inviterName: string | null,
  ): Promise<InvitationMailData> {
    const policy = this.policies.of(StreamId.parse(entry.stream).category);
    const [description] = await policy.describe([
      { grant: issued.grant, organisationId: scope.organisation?.id ?? null },
    ]);
    const url = `${this.publicUrl.base}/invitations/${this.token(entry, issued, 'open')}`;
    return {
      ...(await policy.mailData?.(scope, url, issued.grant)),
      roleName: description?.roleName ?? '',
      scopeKind: scope.kind,
      scopeName: scope.name,
      parentName: scope.organisation && scope.organisation.id !== scope.id ? scope.organisation.name : null,
      place: placeName(scope),
      inviterName,
      message: messageOf(issued, entry.stream, person),
      expiresAt: issued.expiresAt,
      url,
    };
  }

  private token({ stream }: OutboxEntry, { issue, invitationId }: Issued, purpose: LinkPurpose): string {
    return this.tokens.derive(
      { kind: this.policies.of(StreamId.parse(stream).category).kind, streamUuid: StreamId.parse(stream).uuid, issue },
      invitationId,
      purpose,
    );
  }

  /** Writes one after the other and yields to the event loop, because a hundred templates would block it. */
  private async write(shown: readonly Shown[]): Promise<Map<string, ComposedMail>> {
    const yieldIfDue = yieldToEventLoop();
    const mails = new Map<string, ComposedMail>();
    for (const { entry, issued, next, person, view, unsubscribeUrl, isUnsubscribed } of shown) {
      await yieldIfDue();
      const policy = this.policies.of(StreamId.parse(entry.stream).category);
      const template = entry.kind === REMINDER_MAIL ? policy.reminderTemplate : policy.mailTemplate;
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
