import { Injectable } from '@nestjs/common';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import type { Mail } from '../../../shared/mail/mail-transport.js';
import { MailTemplates } from '../../../shared/mail/mail-templates.js';
import { byKey, type ComposedMail, type MailComposer } from '../../../shared/outbox/mail-dispatcher.js';
import type { OutboxEntry } from '../../../shared/outbox/outbox.js';
import { Clock } from '../../../shared/time/clock.js';
import { People } from '../../people/people.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import { Accounts } from '../accounts.js';
import { personMailProjection } from '../person-mails/person-mail-projection.js';
import { passwordFrom } from './password.js';
import { PasswordResetLinks } from './password-reset-links.js';
import { passwordResetMail } from './password-reset.mail.js';

/** Permanent: an outbox kind. */
const PASSWORD_RESET = 'password-reset';

export const passwordResetProjection = personMailProjection('password-reset-mail', {
  PasswordResetRequested: PASSWORD_RESET,
});

/** Writes again what a person without an account was sent; null when nothing waits for them. */
export type MailWithoutAccount = (personId: string, entry: OutboxEntry) => Promise<ComposedMail | null>;

/**
 * Writes these mails: to a person with an account the link, to one who was only invited that invitation again. None is
 * written for a request that was followed by another one or by a change, or that has expired.
 */
@Injectable()
export class PasswordResetMails implements MailComposer {
  readonly kinds = [PASSWORD_RESET];
  private withoutAccount: MailWithoutAccount = async () => Promise.resolve(null);

  constructor(
    private readonly store: EventStore,
    private readonly accounts: Accounts,
    private readonly people: People,
    private readonly links: PasswordResetLinks,
    private readonly templates: MailTemplates,
    private readonly clock: Clock,
  ) {}

  /** The module that invites people says how an invitation is written again. */
  forPeopleWithoutAccount(write: MailWithoutAccount): void {
    this.withoutAccount = write;
  }

  async compose(entries: readonly OutboxEntry[]): Promise<Map<string, Mail>> {
    return byKey(await Promise.all(entries.map(async (entry) => this.mail(entry))));
  }

  private async mail(entry: OutboxEntry): Promise<Mail | null> {
    const personId = StreamId.parse(entry.stream).uuid;
    const { request } = passwordFrom(await this.store.read(personStream(personId)));
    if (request?.issue !== entry.issue || request.isUsed || Date.parse(request.expiresAt) <= this.clock.now().getTime())
      return null;
    if (!(await this.accounts.exists(personId))) return this.withoutAccount(personId, entry);
    const person = (await this.people.getByIds([personId])).get(personId);
    if (!person) return null;
    const view = { url: this.links.addressOf(personId, request), expiresAt: request.expiresAt };
    return {
      id: entry.key,
      to: person.email,
      ...this.templates.render(passwordResetMail, request.locale, view),
    };
  }
}
