import { Injectable } from '@nestjs/common';
import { deterministicId, StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { PublicUrl } from '../../../shared/http/links/origin.js';
import type { Mail } from '../../../shared/mail/mail-transport.js';
import { DEFAULT_LOCALE } from '../../../shared/mail/texts.js';
import { type MailTemplate, MailTemplates } from '../../../shared/mail/mail-templates.js';
import { byKey, type MailComposer } from '../../../shared/outbox/mail-dispatcher.js';
import { enqueue, type OutboxEntry } from '../../../shared/outbox/outbox.js';
import type { Projection } from '../../../shared/projections/projection.js';
import { People, PersonNames } from '../../people/people.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import type { ScopeRef } from '../scope-ref.js';
import { Scopes } from '../scopes/scopes.js';
import { ownershipFrom, ownershipStream } from './owner-guard.js';

/** A mail to a recipient about an event. `kind` is the outbox kind. */
export interface OwnerNotice {
  kind: string;
  event: StoredEvent;
  recipient: string;
}

/**
 * An outbox projection: puts a mail for each recipient of an event into the outbox. It has no tables, because a rebuild
 * must not send mails again.
 */
export function ownerNoticeProjection(
  name: string,
  handles: readonly string[],
  noticesOf: (event: StoredEvent) => Promise<OwnerNotice[]>,
): Projection {
  return {
    name,
    tables: [],
    handles,
    prepare: async (events) => (await Promise.all(events.map(noticesOf))).flat(),
    async apply(_events, trx, prepared) {
      // The entry names the recipient's stream, and the event by its stream's UUID and its revision.
      await enqueue(
        trx,
        (prepared as OwnerNotice[]).map(({ kind, event, recipient }) => ({
          key: deterministicId(event.id, kind, recipient),
          kind,
          stream: personStream(recipient),
          invitation_id: StreamId.parse(event.stream).uuid,
          issue: event.revision,
          recorded_at: event.recordedAt,
        })),
      );
    },
  };
}

/** Mails to owners of a scope who switched a notice on. The entry's stream is the recipient's. */
@Injectable()
export abstract class OwnerNoticeMails implements MailComposer {
  abstract readonly kinds: readonly string[];

  constructor(
    protected readonly store: EventStore,
    protected readonly people: People,
    protected readonly names: PersonNames,
    protected readonly scopes: Scopes,
    private readonly publicUrl: PublicUrl,
    private readonly templates: MailTemplates,
  ) {}

  async compose(entries: readonly OutboxEntry[]): Promise<Map<string, Mail>> {
    return byKey(await Promise.all(entries.map(async (entry) => this.mail(entry))));
  }

  /** The mail of an entry; null when the recipient no longer wants it. */
  protected abstract mail(entry: OutboxEntry): Promise<Mail | null>;

  /** Writes the mail. Adds the address of the start page to the view, as `url`. */
  protected write({ key }: OutboxEntry, to: string, template: MailTemplate, view: object): Mail {
    const url = `${this.publicUrl.base}/`;
    return { id: key, to, ...this.templates.render(template, DEFAULT_LOCALE, { ...view, url }) };
  }

  /**
   * Whether the recipient still owns one of the scopes and still wants the notice, by the streams. Days may have passed
   * since the event.
   */
  protected async stillWants(
    recipient: string,
    scopes: readonly ScopeRef[],
    wants: (history: readonly StoredEvent[]) => boolean,
  ): Promise<boolean> {
    const ownerships = scopes.map(ownershipStream);
    const histories = await this.store.readMany([...ownerships, personStream(recipient)]);
    const isOwner = ownerships.some((stream) => ownershipFrom(histories.get(stream) ?? []).owners.has(recipient));
    return isOwner && wants(histories.get(personStream(recipient)) ?? []);
  }
}
