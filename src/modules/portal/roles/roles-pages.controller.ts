import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { CLINICAL_PERMISSIONS, ROLE_PERMISSIONS, type ScopeRef } from '../../access/access.domain.contract.js';
import {
  DefineRole,
  DefineRoleDto,
  DeleteRole,
  DeleteRoleDto,
  EditRole,
  type RoleView,
} from '../../roles/roles.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { badFieldsOf, checked, listed, typed, type BadField } from '../forms.js';
import { answerAs, goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { type PeoplePlace, PeoplePlaces, type Subject } from '../shell/people-place.js';
import { pathOf } from '../shell/place.js';
import { At, inEachPlace } from '../shell/place-routes.js';
import { doAndSay, saidBy } from '../staff/done-or-failed.js';
import type { TextKey } from '../texts/texts.en.js';

/** Each custom role has this permission. */
const ALWAYS = 'patients.view';
/** The texts for rules that refuse a role. */
const REFUSED: Readonly<Record<string, BadField>> = {
  'name-taken': { field: 'name', text: 'roles.errors.nameTaken' },
  'role-not-grantable': { field: 'permissions', text: 'roles.errors.missing' },
  'own-role': { field: 'permissions', text: 'roles.errors.own' },
};

/** Everybody with a role in a place may see the roles there. */
const ROLES: Subject = { segment: 'roles', area: 'roles', view: 'staff.view', manage: 'roles.edit' };

interface RoleFields {
  name: string;
  permissions: readonly string[];
}

/** The roles of a place, what each may do, and the forms of custom ones. */
@ApiExcludeController()
@Controller()
export class RolesPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly places: PeoplePlaces,
    private readonly pages: Pages,
    private readonly problems: ProblemCatalogue,
    private readonly writes: OwnWrites,
  ) {}

  @Get(inEachPlace('roles'))
  @Page()
  async list(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const { options, ...at } = await this.at(viewer, ref, request);
    return this.pages.render('roles', options, {
      ...at,
      said: saidBy(typed(query, 'done', 'failed')),
      rows: ROLE_PERMISSIONS.filter((permission) =>
        at.roles.some(({ permissions }) => permissions.includes(permission)),
      ).map((permission) => ({
        permission,
        cells: at.roles.map(({ name, permissions }) => ({ name, has: permissions.includes(permission) })),
      })),
    });
  }

  @Get(inEachPlace('roles/new'))
  @Page()
  async showNew(@Actor() viewer: string, @At() ref: ScopeRef, @Req() request: FastifyRequest): Promise<string> {
    return this.form(viewer, ref, request, null, { name: '', permissions: [] });
  }

  @Post(inEachPlace('roles/new'))
  @Page()
  async define(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.save(viewer, ref, null, body, request, reply);
  }

  @Get(inEachPlace('roles/:roleId'))
  @Page()
  async show(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('roleId') roleId: string,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    return this.form(viewer, ref, request, roleId, null);
  }

  @Post(inEachPlace('roles/:roleId'))
  @Page()
  async edit(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('roleId') roleId: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.save(viewer, ref, roleId, body, request, reply);
  }

  /** Redirects a browser that opens the address of the form by GET. */
  @Get(inEachPlace('roles/:roleId/delete'))
  @Page()
  toTheRole(@Req() { url }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${url.replace(/\/delete(?:\?.*)?$/, '')}`);
  }

  @Post(inEachPlace('roles/:roleId/delete'))
  @Page()
  async delete(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('roleId') roleId: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const list = `${pathOf(ref)}/roles`;
    const role = editable(await this.at(viewer, ref, request), roleId);
    const page = `${this.pages.base}${list}`;
    return doAndSay(reply, { page, done: `${page}?done=roleDeleted` }, async () => {
      const { moveTo } = await checked(DeleteRoleDto, typed(body, 'moveTo'));
      await this.commands.execute(new DeleteRole(viewer, role.id, moveTo));
      await this.writes.shown();
    });
  }

  private async save(
    viewer: string,
    ref: ScopeRef,
    roleId: string | null,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<string> {
    // Browsers don't send a box that nobody can untick.
    const permissions = [...new Set([ALWAYS, ...listed(body, 'permissions')])];
    const fields = { name: typed(body, 'name').name, permissions };
    const role = roleId === null ? null : editable(await this.at(viewer, ref, request), roleId);
    try {
      const dto = await checked(DefineRoleDto, fields);
      await this.commands.execute(role ? new EditRole(viewer, role.id, dto) : new DefineRole(viewer, ref, dto));
      await this.writes.shown();
    } catch (error) {
      const errors = errorsOf(error);
      if (!errors) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      return this.form(viewer, ref, request, roleId, fields, errors);
    }
    return goTo(reply, `${this.pages.base}${pathOf(ref)}/roles?done=roleSaved`);
  }

  /** @param fields as typed; null: as the role has them */
  private async form(
    viewer: string,
    ref: ScopeRef,
    request: FastifyRequest,
    roleId: string | null,
    fields: RoleFields | null,
    errors: BadField[] = [],
  ): Promise<string> {
    const { options, ...at } = await this.at(viewer, ref, request);
    const role = roleId === null ? null : editable(at, roleId);
    if (role === null && !at.mayEdit) throw new RuleBroken('forbidden');
    const shown: RoleFields = fields ?? role ?? { name: '', permissions: [] };
    return this.pages.render(
      'role',
      { ...options, errors },
      {
        ...at,
        role,
        name: shown.name,
        boxes: CLINICAL_PERMISSIONS.map((permission) => ({
          permission,
          isFixed: permission === ALWAYS,
          checked: permission === ALWAYS || shown.permissions.includes(permission),
        })),
        successors: [
          { value: '', label: this.pages.text(options.locale, 'roles.noSuccessor') },
          ...at.roles
            .filter(({ id, grantable }) => grantable && id !== role?.id)
            .map(({ id, name }) => ({ value: id, label: name })),
        ],
      },
    );
  }

  private async at(viewer: string, ref: ScopeRef, request: FastifyRequest): Promise<RolesPlace> {
    const [{ path, place, options, effectivePermissions, mayManage }, items] = await Promise.all([
      this.places.at(viewer, ref, request, ROLES),
      this.places.rolesOf(viewer, ref),
    ]);
    const mayEdit = mayManage && ref.kind !== 'platform';
    const held = new Set(effectivePermissions.roles.map(({ role }) => role.id));
    const roles = items.map((item) => ({
      id: item.id,
      name: item.name,
      custom: item.custom,
      permissions: item.permissions,
      definedAt: item.definedAt,
      grantable: item.grantable,
      // Nobody edits a role that they hold. A role is edited where it was defined.
      mayEdit: mayEdit && item.custom && item.definedAt?.id === ref.id && !held.has(item.id),
    }));
    return { path, place, roles, mayEdit, options };
  }
}

interface RolesPlace extends Pick<PeoplePlace, 'path' | 'place' | 'options'> {
  roles: (RoleView & { mayEdit: boolean })[];
  mayEdit: boolean;
}

/** The role that the visitor may edit here. @throws RuleBroken `not-found` for any other */
function editable({ roles }: Pick<RolesPlace, 'roles'>, roleId: string): RoleView {
  const role = roles.find(({ id, mayEdit }) => id === roleId && mayEdit);
  if (!role) throw new RuleBroken('not-found');
  return role;
}

/** The field errors of a refused role; null for any other error. */
function errorsOf(error: unknown): BadField[] | null {
  if (!(error instanceof RuleBroken)) return null;
  const text = (field: string): TextKey => (field === 'name' ? 'roles.errors.name' : 'roles.errors.permissions');
  const bad = badFieldsOf(error);
  if (bad) return bad.map(({ field }) => ({ field, text: text(field) }));
  const refused = REFUSED[error.code];
  return refused ? [refused] : null;
}
