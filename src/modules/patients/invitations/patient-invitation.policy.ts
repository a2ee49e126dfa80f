import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Departures, type Scope } from '../../access/access.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import {
  type InvitationFilter,
  type InvitationListDto,
  type ListedMembers,
  type MemberListCall,
  PermissionPolicy,
  type SeenPlace,
} from '../../invitations/invitations.contract.js';
import type { Grant, Issued } from '../../invitations/invitations.domain.contract.js';
import { Pseudonyms } from '../../people/people.contract.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Clock } from '../../../shared/time/clock.js';
import type { PatientListDto } from '../enrolment/patient.dto.js';
import { endEnrolment } from '../enrolment/patient.js';
import type { PatientRow } from '../enrolment/patient-list.projection.js';
import { PatientViews, shownFrom } from '../enrolment/patient-views.js';
import { linkOf, PatientLinkUses } from '../invite-links/patient-link-uses.js';
import { PatientAccess } from '../patient-access.js';
import { PatientStreams } from '../patient-streams.js';
import { AppLinks } from './app-links.js';

/**
 * The policy of patient invitations. Readers who may not identify patients get aliases. An acceptance may take a use of
 * a patient link.
 */
@Injectable()
export class PatientInvitationPolicy extends PermissionPolicy {
  constructor(
    private readonly appLinks: AppLinks,
    private readonly linkUses: PatientLinkUses,
    private readonly patients: PatientAccess,
    private readonly streams: PatientStreams,
    private readonly departures: Departures,
    private readonly patientViews: PatientViews,
    private readonly pseudonyms: Pseudonyms,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** Ignores the role, because patients have none. */
  override filter({ state, q, mail }: InvitationListDto): InvitationFilter {
    return { state, q, mail };
  }

  /** Searching and sorting by address needs the permission to identify patients, because both reveal addresses. */
  override async authoriseList(actor: string, ref: ScopeRef, dto: InvitationListDto): Promise<SeenPlace> {
    const seen = await super.authoriseList(actor, ref, dto);
    if ((dto.q || dto.sort.endsWith('email')) && !seen.sight.identifies) throw new RuleBroken('forbidden');
    return seen;
  }

  override async listMembers({ actor, scope, dto }: MemberListCall): Promise<ListedMembers> {
    const { status, q, sort } = dto as PatientListDto;
    const authorization = await this.authorization.requireRead(actor, this.permissions.view, scope);
    const sight = await this.sights.of(actor, this.permissions.identify, authorization);
    if ((q !== undefined || !sort.endsWith('since')) && !sight.identifies) throw new RuleBroken('forbidden');
    const pending = [sql<boolean>`expires_at > ${this.clock.now().toISOString()}`];
    return {
      where: [
        status === undefined ? sql<boolean>`status in ('active', 'offboarded')` : sql<boolean>`status = ${status}`,
        ...(status === 'pending' ? pending : []),
      ],
      cursorIds: this.pseudonyms.forCursors(sight),
      show: async (rows: readonly PatientRow[]) => this.patientViews.of(actor, rows.map(shownFrom), sight),
    };
  }

  /** Patients may leave. Offboarded ones may not, because they could then return by a link. */
  override async endMembership(actor: string, id: string, { reason }: { reason?: string }): Promise<void> {
    let isOwn = false;
    const stream = await this.streams.change(
      { actor, reason },
      async (reads) => {
        const opened = await this.patients.open(actor, id, reads);
        isOwn = opened.patient.personId === actor;
        if (!isOwn) await this.authorization.requireChange(actor, this.permissions.manage, opened.scope, reads);
        else if (opened.authorization.scope.archived) throw new RuleBroken('scope-archived');
        return opened;
      },
      (patient, sealed) => endEnrolment(patient, isOwn ? 'left' : 'removed', sealed),
    );
    // Uses the stream that `change` found, because the id may be an alias.
    await this.departures.complete(stream);
  }

  /** Reserves a use of the link, because each enrolment takes one. @throws RuleBroken `link-used-up` */
  override async reserve({ grant, invitationId }: Issued, scope: Scope): Promise<void> {
    const link = linkOf(grant, scope, scope.organisation?.id ?? null);
    if (link !== null) await this.linkUses.reserve(link, invitationId);
  }

  override async giveBack(stream: string, { grant, invitationId }: Issued, scope: Scope): Promise<void> {
    const link = linkOf(grant, scope, scope.organisation?.id ?? null);
    if (link !== null) await this.linkUses.releaseIfOver(link, stream, invitationId);
  }

  override async mailData(scope: Scope, url: string, _grant: Grant): Promise<Record<string, string | null>> {
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
