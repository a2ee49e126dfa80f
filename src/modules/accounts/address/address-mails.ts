import { Injectable } from '@nestjs/common';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { EventStore, type History } from '../../../shared/event-sourcing/event-store.js';
import type { Mail } from '../../../shared/mail/mail-transport.js';
import { MailTemplates } from '../../../shared/mail/mail-templates.js';
import { byKey, type MailComposer } from '../../../shared/outbox/mail-dispatcher.js';
import type { OutboxEntry } from '../../../shared/outbox/outbox.js';
import { Clock } from '../../../shared/time/clock.js';
import { type KnownPerson, People } from '../../people/people.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import { personMailProjection } from '../person-mails/person-mail-projection.js';
import { addressFrom, formerAddresses } from './address.js';
import { addressChangeMail } from './address-change.mail.js';
import { addressChangedMail } from './address-changed.mail.js';
import { AddressLinks } from './address-links.js';
import { addressTakenMail } from './address-taken.mail.js';
import { openAddress } from './sealed-address.js';

/** The outbox kind of the mail that follows each type of event. Permanent. */
const KINDS = {
  AddressChangeRequested: 'address-change',
  AddressChangeRefused: 'address-taken',
  AddressChanged: 'address-changed',
} as const;
type Kind = (typeof KINDS)[keyof typeof KINDS];

export const addressMailProjection = personMailProjection('address-mail', KINDS);

/**
 * Writes the mails about changes of an address. Each goes to an address that the person doesn't have at that moment, so
 * it is read from the sealed event. None is written once it is of no use.
 */
@Injectable()
export class AddressMails implements MailComposer {
  readonly kinds: readonly Kind[] = Object.values(KINDS);

  constructor(
    private readonly store: EventStore,
    private readonly people: People,
    private readonly links: AddressLinks,
    private readonly templates: MailTemplates,
    private readonly clock: Clock,
  ) {}

  async compose(entries: readonly OutboxEntry[]): Promise<Map<string, Mail>> {
    return byKey(await Promise.all(entries.map(async (entry) => this.mail(entry))));
  }

  private async mail(entry: OutboxEntry): Promise<Mail | null> {
    const personId = StreamId.parse(entry.stream).uuid;
    const history = await this.store.read(personStream(personId));
    const person = (await this.people.getByIds([personId])).get(personId);
    if (!person) return null;
    switch (entry.kind as Kind) {
      case 'address-change':
        return this.forRequest(entry, person, history);
      case 'address-taken':
        return this.taken(entry, person, history);
      case 'address-changed':
        return this.changed(entry, person, history);
    }
  }

  /** To the new mailbox: the link that confirms, or that somebody wanted the address of another person. */
  private async forRequest(entry: OutboxEntry, person: KnownPerson, history: History): Promise<Mail | null> {
    const { request } = addressFrom(history);
    if (request?.issue !== entry.issue || request.status !== 'open') return null;
    if (Date.parse(request.expiresAt) <= this.clock.now().getTime()) return null;
    const to = openAddress(person, request.address);
    if (to === person.email) return null;
    const owner = (await this.people.find([to])).get(to);
    if (owner && owner.personId !== person.personId) return this.taken(entry, person, history);
    const view = { url: this.links.confirming(person.personId, request), expiresAt: request.expiresAt };
    return { id: entry.key, to, ...this.templates.render(addressChangeMail, request.locale, view) };
  }

  /** To the mailbox of the other person. */
  private taken(entry: OutboxEntry, person: KnownPerson, history: History): Mail | null {
    const at = history.findIndex(
      ({ type, data }) => type === 'AddressChangeRequested' && data['issue'] === entry.issue,
    );
    const { request } = addressFrom(history.slice(0, at + 1));
    if (request?.issue !== entry.issue) return null;
    const to = openAddress(person, request.address);
    return { id: entry.key, to, ...this.templates.render(addressTakenMail, request.locale, {}) };
  }

  /** To the mailbox before the change: the link that undoes it. */
  private changed(entry: OutboxEntry, person: KnownPerson, history: History): Mail | null {
    const change = formerAddresses(addressFrom(history), this.clock.now()).find(({ issue }) => issue === entry.issue);
    if (!change) return null;
    const view = { url: this.links.undoing(person.personId, change), undoUntil: change.undoUntil };
    return {
      id: entry.key,
      to: openAddress(person, change.from),
      ...this.templates.render(addressChangedMail, change.locale, view),
    };
  }
}
