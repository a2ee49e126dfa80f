import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ReasonDto } from '../../../shared/http/reason.dto.js';
import type { Page as ListPage } from '../../../shared/http/lists/pagination.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { GetDeployment } from '../../deployments/deployments.contract.js';
import { InvitationListDto, ListInvitations, ListMembers } from '../../invitations/invitations.contract.js';
import {
  GetPatient,
  OffboardDto,
  OffboardPatient,
  PATIENT_WINDOWS,
  type PatientDetails,
  PatientListDto,
  type PatientView,
  ReactivatePatient,
} from '../../patients/patients.contract.js';
import { checked, typed } from '../forms.js';
import { goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { PATIENTS, type PeoplePlace, PeoplePlaces } from '../shell/people-place.js';
import { At, inPlace } from '../shell/place-routes.js';
import { initialsOf } from '../shell/shell.js';
import { doAndSay, saidBy } from '../staff/done-or-failed.js';
import { shown as shownInvitation } from '../staff/staff-invitation-pages.controller.js';
import { patientTabs } from './patient-tabs.js';

/** What the list shows: patients of a status, or invitations in a state. */
const TYPES = ['active', 'pending', 'expired', 'mail-failed', 'offboarded'] as const;
type PatientType = (typeof TYPES)[number];
/** Which invitations the list shows for a type; other types are a status of patients. */
const INVITATIONS: Partial<Record<PatientType, object>> = {
  pending: { state: 'pending' },
  expired: { state: 'expired' },
  'mail-failed': { state: 'pending', mail: 'failed' },
};
const LIST = 'portal/deployments/:id/patients';

/** The patients of a deployment with those who are invited, and the profile of each. */
@ApiExcludeController()
@Controller()
export class PatientPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly places: PeoplePlaces,
    private readonly pages: Pages,
    private readonly writes: OwnWrites,
  ) {}

  /** Without a type in the address, the list shows the active patients. */
  @Get(LIST)
  @Page()
  async list(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const {
      type: asked,
      q,
      cursor,
      ...said
    } = typed(query, 'type', 'q', 'cursor', 'done', 'failed', 'count', 'refused');
    const type = TYPES.find((each) => each === asked) ?? 'active';
    const [at, { patients, invitations, older }] = await Promise.all([
      this.places.at(viewer, ref, request, PATIENTS),
      this.found(viewer, ref, type, { q, cursor }),
    ]);
    return this.pages.render('patients', at.options, {
      ...at,
      ...aboutPatients(at),
      tabs: patientTabs(at, 'patients'),
      said: saidBy(said),
      windows: this.pages.windowChoices(at.options.locale, PATIENT_WINDOWS),
      types: TYPES,
      type,
      q,
      patients,
      invitations: invitations.map((invitation) => ({ ...invitation, mayChange: at.mayManage })),
      older,
    });
  }

  @Get(`${LIST}/:patientId`)
  @Page()
  async show(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('patientId') patientId: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    // One after the other: whichever refused first would tell whether there is such a patient.
    const at = await this.places.at(viewer, ref, request, PATIENTS);
    const patient = await this.patientOf(viewer, ref, patientId);
    const deployment = await this.queries.execute(new GetDeployment(viewer, ref.id));
    const isOwn = patient.personId === viewer;
    const may = (permission: 'patients.offboard' | 'patients.manage'): boolean =>
      !isOwn && !at.place.archived && at.effectivePermissions.can(permission);
    return this.pages.render('patient', at.options, {
      ...at,
      ...aboutPatients(at),
      said: saidBy(typed(query, 'done', 'failed')),
      patient: { ...shown(patient), reason: patient.reason ?? null, offboardedAt: patient.offboardedAt ?? null },
      isOwn,
      mayOffboard: patient.status === 'active' && may('patients.offboard'),
      mayReactivate: patient.status === 'offboarded' && may('patients.manage'),
      reasons: deployment.offboardingReasons,
    });
  }

  /** Redirects a browser that opens the address of a form by GET. */
  @Get(['offboard', 'reactivate'].map((form) => `${LIST}/:patientId/${form}`))
  @Page()
  toTheForms(@Req() { url }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${pageOf(url)}`);
  }

  /** A typed reason goes before one of the list. */
  @Post(`${LIST}/:patientId/offboard`)
  @Page()
  async offboard(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('patientId') patientId: string,
    @Body() body: unknown,
    @Req() { url }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.patientOf(viewer, ref, patientId);
    const page = `${this.pages.base}${pageOf(url)}`;
    return doAndSay(reply, { page, done: `${page}?done=offboarded` }, async () => {
      const { reason: written, listed } = typed(body, 'reason', 'listed');
      const { reason } = await checked(OffboardDto, { reason: written.trim() === '' ? listed : written });
      await this.commands.execute(new OffboardPatient(viewer, patientId, reason));
      await this.writes.shown();
    });
  }

  @Post(`${LIST}/:patientId/reactivate`)
  @Page()
  async reactivate(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('patientId') patientId: string,
    @Body() body: unknown,
    @Req() { url }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.patientOf(viewer, ref, patientId);
    const page = `${this.pages.base}${pageOf(url)}`;
    return doAndSay(reply, { page, done: `${page}?done=reactivated` }, async () => {
      const { reason } = await checked(ReasonDto, typed(body, 'reason'));
      await this.commands.execute(new ReactivatePatient(viewer, patientId, reason));
      await this.writes.shown();
    });
  }

  private async found(viewer: string, ref: ScopeRef, type: PatientType, page: { q: string; cursor: string }) {
    const filter = INVITATIONS[type];
    if (filter) {
      const dto = await checked(InvitationListDto, { ...page, ...filter });
      const { items, nextCursor } = await this.queries.execute(new ListInvitations(viewer, 'patient', ref, dto));
      const invitations = items.map((item, n) => ({ ...shownInvitation(item), menu: `invitation-${String(n)}` }));
      return { patients: [], invitations, older: nextCursor };
    }
    const dto = await checked(PatientListDto, { ...page, status: type });
    const listed = this.queries.execute(new ListMembers(viewer, 'patient', ref, dto));
    const { items, nextCursor } = (await listed) as ListPage<PatientView>;
    return { patients: items.map(shown), invitations: [], older: nextCursor };
  }

  /** @throws RuleBroken `not-found` also for a patient of another deployment */
  private async patientOf(viewer: string, ref: ScopeRef, patientId: string): Promise<PatientDetails> {
    return inPlace(ref, patientId, async (id) => this.queries.execute(new GetPatient(viewer, id)));
  }
}

/** What pages about patients say besides. */
export function aboutPatients({ effectivePermissions }: PeoplePlace) {
  return { identifies: effectivePermissions.can('patients.view-identifiers') };
}

function shown({ name = null, email = null, offboardedAt, ...patient }: PatientView) {
  return {
    ...patient,
    name,
    email,
    offboardedAt: offboardedAt ?? null,
    title: name ?? email ?? patient.pseudonym,
    initials: initialsOf(name ?? email),
  };
}

/** The path of the profile, from the address of one of its forms. */
function pageOf(url: string): string {
  return url.replace(/\/(?:offboard|reactivate)(?:\?.*)?$/, '');
}
