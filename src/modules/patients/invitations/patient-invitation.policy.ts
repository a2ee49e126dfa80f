import { Injectable } from '@nestjs/common';
import { Authorization, type Scope } from '../../access/access.contract.js';
import {
  type GrantDescription,
  InvitationAccess,
  type InvitationPolicy,
  type InvitationRow,
  type InvitationSeers,
  type PlacedGrant,
  type SeenPlace,
} from '../../invitations/invitations.contract.js';
import type { Grant, Issued } from '../../invitations/invitations.domain.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { ReadSet, StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { patientInvitationMail, patientReminderMail } from './patient-invitation.mail.js';
import { PATIENT_WINDOWS } from './patient-windows.js';
import { patientFrom } from '../patient-streams.js';
import { AppLinks } from './app-links.js';
import { linkOf, PatientLinkUses } from '../invite-links/patient-link-uses.js';

/** Source: docs/domain.md §5.2 */
const SEERS: InvitationSeers = {
  seenBy: ['patients.view'],
  identifiedBy: 'patients.view-identifiers',
  byInvitee: true,
};

/** The policy of patient invitations: callers, windows, grants. All types of invitation share the lifecycle. */
@Injectable()
export class PatientInvitationPolicy implements InvitationPolicy {
  readonly kind = 'patient';
  readonly windows = PATIENT_WINDOWS;
  readonly defaultWindow = '7d';
  readonly mailTemplate = patientInvitationMail;
  readonly reminderTemplate = patientReminderMail;

  constructor(
    private readonly authorization: Authorization,
    private readonly invitationAccess: InvitationAccess,
    private readonly appLinks: AppLinks,
    private readonly linkUses: PatientLinkUses,
  ) {}

  /** There is no role, because every enrolment is the same. */
  async describe(grants: readonly PlacedGrant[]): Promise<GrantDescription[]> {
    return Promise.resolve(grants.map(() => ({})));
  }

  /** An offboarded patient counts too, because they are reactivated instead of invited. */
  isMember(history: readonly StoredEvent[]): boolean {
    const { status } = patientFrom(history);
    return status === 'active' || status === 'offboarded';
  }

  async seeing(personId: string, row: InvitationRow, ref: ScopeRef, reads: StreamSource): Promise<SeenPlace | null> {
    return this.invitationAccess.seeing(personId, row, ref, SEERS, reads);
  }

  async assertMayInvite(
    personId: string,
    _grant: Grant,
    ref: ScopeRef,
    _to: 'resend' | 'revoke',
    reads: ReadSet,
  ): Promise<Scope> {
    return (await this.authorization.requireChange(personId, 'patients.manage', ref, reads)).scope;
  }

  /** Patients gain no power over others, so the inviter isn't checked again. Source: docs/domain.md §4 */
  async assertInviterStillAuthorised(): Promise<void> {
    return Promise.resolve();
  }

  /** Reserves a use of the link, because every enrolment uses it once. @throws RuleBroken `link-used-up` */
  async reserve({ grant, invitationId }: Issued, scope: Scope): Promise<void> {
    const link = linkOf(grant, scope, scope.organisation?.id ?? null);
    if (link !== null) await this.linkUses.reserve(link, invitationId);
  }

  async giveBack(stream: string, { grant, invitationId }: Issued, scope: Scope): Promise<void> {
    const link = linkOf(grant, scope, scope.organisation?.id ?? null);
    if (link !== null) await this.linkUses.releaseIfOver(link, stream, invitationId);
  }

  async mailData(scope: Scope, url: string): Promise<Record<string, string | null>> {
    const stores = await this.appLinks.storesOf(scope.id);
    const deepLink = this.appLinks.deepLink(url);
    return {
      ...stores,
      anyStore: stores.appStoreUrl ?? stores.playStoreUrl,
      openUrl: deepLink ?? url,
      browserUrl: deepLink && url,
    };
  }
}
