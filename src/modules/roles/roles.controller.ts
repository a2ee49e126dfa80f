import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { ProblemCode } from '../../shared/problems/problem-codes.js';
import { Operation } from '../access/access.contract.js';
import { Actor } from '../accounts/accounts.contract.js';
import { PageDto } from '../../shared/http/lists/page.dto.js';
import { uuidPipe } from '../../shared/http/validation.js';
import { DefineRole } from './define-role.command.js';
import { DeleteRole } from './delete-role.command.js';
import { EditRole } from './edit-role.command.js';
import { ListRoles } from './list-roles.query.js';
import { DefineRoleDto, DeleteRoleDto, EditRoleDto, RolePage, RoleView } from './role.dto.js';

const DEFINE_CODES: readonly ProblemCode[] = [
  'name-taken',
  'role-not-grantable',
  'scope-archived',
  'too-many-conflicts',
];

@ApiTags('Roles')
@Controller('v1')
export class RolesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get('organisations/:id/roles')
  @Operation({ summary: 'List the roles that can be given at an organisation', at: 'organisation', answers: RolePage })
  async ofOrganisation(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() dto: PageDto,
  ): Promise<RolePage> {
    return this.queries.execute(new ListRoles(actor, { kind: 'organisation', id }, dto));
  }

  @Post('organisations/:id/roles')
  @Operation({
    summary: 'Define a role for an organisation and its deployments',
    needs: 'roles.edit',
    at: 'organisation',
    answers: RoleView,
    status: 201,
    codes: DEFINE_CODES,
    idempotent: true,
  })
  async defineAtOrganisation(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() dto: DefineRoleDto,
  ): Promise<RoleView> {
    return this.commands.execute(new DefineRole(actor, { kind: 'organisation', id }, dto));
  }

  @Get('deployments/:id/roles')
  @Operation({
    summary: 'List the roles that can be given at a deployment',
    at: 'deployment',
    answers: RolePage,
    codes: ['forbidden'],
  })
  async ofDeployment(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() dto: PageDto,
  ): Promise<RolePage> {
    return this.queries.execute(new ListRoles(actor, { kind: 'deployment', id }, dto));
  }

  @Post('deployments/:id/roles')
  @Operation({
    summary: 'Define a role for one deployment',
    needs: 'roles.edit',
    at: 'deployment',
    answers: RoleView,
    status: 201,
    codes: DEFINE_CODES,
    idempotent: true,
  })
  async defineAtDeployment(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() dto: DefineRoleDto,
  ): Promise<RoleView> {
    return this.commands.execute(new DefineRole(actor, { kind: 'deployment', id }, dto));
  }

  @Patch('roles/:id')
  @Operation({
    summary: 'Edit a custom role',
    description: 'The change applies to its holders at once.',
    needs: 'roles.edit',
    at: 'role',
    answers: RoleView,
    codes: [...DEFINE_CODES, 'own-role'],
  })
  async edit(@Actor() actor: string, @Param('id', uuidPipe) id: string, @Body() dto: EditRoleDto): Promise<RoleView> {
    return this.commands.execute(new EditRole(actor, id, dto));
  }

  @Delete('roles/:id')
  @Operation({
    summary: 'Delete a custom role',
    description: 'If somebody holds the role or is invited to it, `moveTo` names the role that they get instead.',
    needs: 'roles.edit',
    at: 'role',
    codes: [
      'role-in-use',
      'own-role',
      'role-not-grantable',
      'role-not-for-scope',
      'scope-archived',
      'too-many-conflicts',
    ],
  })
  async delete(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() { moveTo }: DeleteRoleDto,
  ): Promise<void> {
    await this.commands.execute(new DeleteRole(actor, id, moveTo));
  }
}
