import { Body, Controller, Delete, Get, Param, Patch, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { ChangeRole } from './change-role.command.js';
import { EndMembership } from './end-membership.command.js';
import { GetStaffMember } from './get-staff-member.query.js';
import { ListStaff } from './list-staff.query.js';
import { ChangeRoleDto, EndMembershipDto, StaffListDto, StaffMemberView, StaffPage } from './staff.dto.js';

@ApiTags('Staff')
@Controller('v1')
export class StaffController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get('organisations/:id/staff')
  @Operation({
    summary: "Lists an organisation's own staff",
    needs: 'staff.view',
    at: 'organisation',
    answers: StaffPage,
  })
  async ofOrganisation(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() dto: StaffListDto,
  ): Promise<StaffPage> {
    return this.queries.execute(new ListStaff(actor, { kind: 'organisation', id }, dto));
  }

  @Get('deployments/:id/staff')
  @Operation({ summary: "Lists a deployment's own staff", needs: 'staff.view', at: 'deployment', answers: StaffPage })
  async ofDeployment(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() dto: StaffListDto,
  ): Promise<StaffPage> {
    return this.queries.execute(new ListStaff(actor, { kind: 'deployment', id }, dto));
  }

  @Get('staff/:id')
  @Operation({ summary: 'One member', needs: 'staff.view', at: 'staff', answers: StaffMemberView })
  async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<StaffMemberView> {
    return this.queries.execute(new GetStaffMember(actor, id));
  }

  @Patch('staff/:id')
  @Operation({
    summary: 'Gives a member another role',
    needs: 'staff.manage',
    at: 'staff',
    answers: StaffMemberView,
    codes: [
      'role-not-grantable',
      'role-not-for-scope',
      'own-role',
      'last-owner',
      'scope-archived',
      'too-many-conflicts',
    ],
  })
  async changeRole(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() dto: ChangeRoleDto,
  ): Promise<StaffMemberView> {
    return this.commands.execute(new ChangeRole(actor, id, dto));
  }

  @Delete('staff/:id')
  @Operation({
    summary: "Removes a member, or leaves: one's own membership takes no permission",
    needs: 'staff.manage',
    at: 'staff',
    codes: ['role-not-grantable', 'last-owner', 'scope-archived', 'too-many-conflicts', 'too-many-requests'],
  })
  async end(@Actor() actor: string, @Param('id', uuidPipe) id: string, @Body() dto: EndMembershipDto): Promise<void> {
    await this.commands.execute(new EndMembership(actor, id, dto));
  }
}
