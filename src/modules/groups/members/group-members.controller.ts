import { Body, Controller, Delete, Get, Param, Patch, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { MemberListDto, Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { ReasonDto } from '../../../shared/http/reason.dto.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { ChangePermissions } from './change-permissions.command.js';
import { EndGroupMembership } from './end-group-membership.command.js';
import { ChangePermissionsDto, GroupMemberPage, GroupMemberView } from './group-member.dto.js';
import { ListGroupMembers } from './list-group-members.query.js';

@ApiTags('Group members')
@Controller('v1')
export class GroupMembersController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get('groups/:id/members')
  @Operation({
    summary: "Lists a group's members: any of them, and account administrators",
    at: 'group',
    answers: GroupMemberPage,
    codes: ['forbidden'],
  })
  async list(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() dto: MemberListDto,
  ): Promise<GroupMemberPage> {
    return this.queries.execute(new ListGroupMembers(actor, id, dto));
  }

  @Patch('group-members/:id')
  @Operation({
    summary:
      "Gives a member another permission set: the group's administrators, nobody their own; account administrators appoint administrators",
    at: 'group-member',
    answers: GroupMemberView,
    codes: ['forbidden', 'own-role', 'last-owner', 'scope-archived', 'too-many-conflicts'],
  })
  async change(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() dto: ChangePermissionsDto,
  ): Promise<GroupMemberView> {
    return this.commands.execute(new ChangePermissions(actor, id, dto));
  }

  @Delete('group-members/:id')
  @Operation({
    summary: "Removes a member: the group's administrators and account administrators; or leaves",
    at: 'group-member',
    codes: ['forbidden', 'last-owner', 'scope-archived', 'too-many-conflicts', 'too-many-requests'],
  })
  async end(@Actor() actor: string, @Param('id', uuidPipe) id: string, @Body() { reason }: ReasonDto): Promise<void> {
    await this.commands.execute(new EndGroupMembership(actor, id, reason));
  }
}
