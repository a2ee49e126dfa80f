import { Injectable } from '@nestjs/common';
import { placeName } from '../access/place-name.js';
import type { ScopeKind } from '../access/scope-ref.js';
import { Scopes, type Scope } from '../access/scopes.js';
import { categoryOf, EventStore, uuidOf, type StoredEvent } from '../event-store/event-store.js';
import { PublicUrl } from '../http/public-url.js';
import type { Mail } from '../mail/mail-transport.js';
import { MailTemplates } from '../mail/mail-templates.js';
import { People, type KnownPerson } from '../privacy/people.js';
import { PersonNames } from '../privacy/person-directory.js';
import { openField } from '../privacy/sealing.js';
import type { MailComposer } from '../reactions/mail-dispatcher.js';
import type { OutboxEntry } from '../reactions/outbox.js';
import { InvitationContexts } from './invitation-context.js';
import { statusAt, type Issued } from './invitation.js';
import { INVITATION_MAIL } from './invitation-mail.reaction.js';
import { LinkTokens } from './link-token.js';
import { invitationOf } from './membership-stream.js';

/** What an invitation mail's template may show. */
export interface InvitationMailView {
  roleName: string;
  scopeKind: ScopeKind;
  scopeName: string;
  /** The organisation a scope is inside of; null for an organisation itself and the platform. */
  parentName: string | null;
  /** Both names, as far as both say something. */
  place: string;
  /** Null when the system invites. */
  inviterName: string | null;
  message: string | null;
  /** ISO UTC. */
  expiresAt: string;
  /** Holds the link: never to be logged or stored. */
  url: string;
}

/** Writes invitation mails; the link is derived anew each time. Nothing is written for an issue that is no longer pending. */
@Injectable()
export class InvitationMailComposer implements MailComposer {
  readonly kind = INVITATION_MAIL;

  constructor(
    private readonly store: EventStore,
    private readonly people: People,
    private readonly names: PersonNames,
    private readonly scopes: Scopes,
    private readonly contexts: InvitationContexts,
    private readonly tokens: LinkTokens,
    private readonly publicUrl: PublicUrl,
    private readonly templates: MailTemplates,
  ) {}

  async compose(entries: readonly OutboxEntry[]): Promise<Map<string, Mail>> {
    const histories = await this.store.readMany([...new Set(entries.map((entry) => entry.stream))]);
    const wanted = entries.flatMap((entry) => {
      const history = histories.get(entry.stream) ?? [];
      const issued = pendingAt(history, entry.issue);
      return issued ? [{ entry, history, issued }] : [];
    });
    const people = await this.people.reveal(wanted.map(({ issued }) => issued.personId));
    const names = await this.names.of(wanted.map(({ issued }) => issued.issuedBy));
    const mails = await Promise.all(
      wanted.map(async ({ entry, history, issued }) => {
        const person = people.get(issued.personId);
        const scope = history[0] && (await this.scopes.load(history[0].metadata.scope));
        return person && scope ? [await this.write(entry, issued, person, scope, names.get(issued.issuedBy) ?? null)] : [];
      }),
    );
    return new Map(mails.flat().map((mail) => [mail.id, mail]));
  }

  private async write(entry: OutboxEntry, issued: Issued, person: KnownPerson, scope: Scope, inviterName: string | null): Promise<Mail> {
    const context = this.contexts.of(categoryOf(entry.stream));
    const claim = { kind: context.kind, streamUuid: uuidOf(entry.stream), issue: issued.issue };
    const view: InvitationMailView = {
      roleName: (await context.describe(issued.grant)).roleName,
      scopeKind: scope.kind,
      scopeName: scope.name,
      parentName: scope.organisation && scope.organisation.id !== scope.id ? scope.organisation.name : null,
      place: placeName(scope),
      inviterName,
      message: issued.message ? openField(person, { stream: entry.stream, eventId: issued.firstEventId, field: 'message' }, issued.message) : null,
      expiresAt: issued.expiresAt,
      url: this.publicUrl.invitation(this.tokens.derive(claim, issued.invitationId)),
    };
    return { id: entry.key, to: person.email, ...this.templates.render(context.mailTemplate, issued.locale, view) };
  }
}

function pendingAt(history: readonly StoredEvent[], issue: number): Issued | null {
  const invitation = invitationOf(history);
  if (invitation.status === 'none' || statusAt(invitation, new Date()) !== 'pending') return null;
  return invitation.issue === issue ? invitation : null;
}
