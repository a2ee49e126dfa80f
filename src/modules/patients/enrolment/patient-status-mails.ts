import { Injectable } from '@nestjs/common';
import { Scopes } from '../../access/access.contract.js';
import { placeName, scopeOf } from '../../access/access.domain.contract.js';
import { invitationOf } from '../../invitations/invitations.contract.js';
import { People } from '../../people/people.contract.js';
import { deterministicId, StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { PublicUrl } from '../../../shared/http/links/origin.js';
import type { Mail } from '../../../shared/mail/mail-transport.js';
import { MailTemplates, type MailTemplate } from '../../../shared/mail/mail-templates.js';
import { DEFAULT_LOCALE } from '../../../shared/mail/texts.js';
import type { Projection } from '../../../shared/projections/projection.js';
import { byKey, type MailComposer } from '../../../shared/outbox/mail-dispatcher.js';
import { enqueue, type OutboxEntry } from '../../../shared/outbox/outbox.js';
import { offboardedMail, reactivatedMail } from './patient-status.mail.js';
import { patientFrom } from './patient.js';

const KINDS: Readonly<Record<string, { kind: string; template: MailTemplate; status: string }>> = {
  PatientOffboarded: { kind: 'patient-offboarded', template: offboardedMail, status: 'offboarded' },
  PatientReactivated: { kind: 'patient-reactivated', template: reactivatedMail, status: 'active' },
};

/**
 * An outbox projection: puts a mail into the outbox for each offboarded or reactivated patient. It has no tables,
 * because a rebuild must not send mails again.
 */
export const patientStatusProjection: Projection = {
  name: 'patient-status-mail',
  tables: [],
  handles: Object.keys(KINDS),
  async apply(events, trx) {
    await enqueue(
      trx,
      events.flatMap((event) => {
        const of = KINDS[event.type];
        // The columns of an invitation's id and issue hold the membership and the event's revision.
        return of
          ? [
              {
                key: deterministicId(event.id, of.kind),
                kind: of.kind,
                stream: event.stream,
                invitation_id: StreamId.parse(event.stream).uuid,
                issue: event.revision,
                recorded_at: event.recordedAt,
              },
            ]
          : [];
      }),
    );
  },
};

/** Writes these mails. Writes none if the status has changed again since. */
@Injectable()
export class PatientStatusMails implements MailComposer {
  readonly kinds = Object.values(KINDS).map(({ kind }) => kind);

  constructor(
    private readonly store: EventStore,
    private readonly people: People,
    private readonly scopes: Scopes,
    private readonly publicUrl: PublicUrl,
    private readonly templates: MailTemplates,
  ) {}

  async compose(entries: readonly OutboxEntry[]): Promise<Map<string, Mail>> {
    const histories = await this.store.readMany([...new Set(entries.map(({ stream }) => stream))]);
    return byKey(await Promise.all(entries.map(async (entry) => this.mail(entry, histories.get(entry.stream) ?? []))));
  }

  private async mail(entry: OutboxEntry, history: readonly StoredEvent[]): Promise<Mail | null> {
    const of = Object.values(KINDS).find(({ kind }) => kind === entry.kind);
    const [patient, invitation, scope] = [
      patientFrom(history),
      invitationOf(history),
      history[0] && (await this.scopes.load(scopeOf(history[0]))),
    ];
    if (!of || !scope || patient.status !== of.status || patient.status === 'unknown') return null;
    const person = (await this.people.getByIds([patient.personId])).get(patient.personId);
    if (!person) return null;
    const view = {
      place: placeName(scope),
      scopeName: scope.name,
      parentName: scope.organisation?.name ?? null,
      url: `${this.publicUrl.base}/`,
    };
    const locale = invitation.status === 'none' ? DEFAULT_LOCALE : invitation.locale;
    return { id: entry.key, to: person.email, ...this.templates.render(of.template, locale, view) };
  }
}
