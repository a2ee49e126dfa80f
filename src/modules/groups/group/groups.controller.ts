import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { ChangeGroup } from './change-group.command.js';
import { CreateGroup } from './create-group.command.js';
import { GetGroup } from './get-group.query.js';
import { CreateGroupDto, EditGroupDto, GroupListDto, GroupPage, GroupView } from './group.dto.js';
import { ListGroups } from './list-groups.query.js';

@ApiTags('Groups')
@Controller('v1')
export class GroupsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('organisations/:id/groups')
  @Operation({
    summary: 'Creates a group; the creator becomes its administrator',
    needs: 'groups.create',
    at: 'organisation',
    status: 201,
    answers: GroupView,
    codes: ['scope-archived', 'too-many-conflicts'],
    idempotent: true,
  })
  async create(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() dto: CreateGroupDto,
  ): Promise<GroupView> {
    return this.commands.execute(new CreateGroup(actor, id, dto));
  }

  @Get('organisations/:id/groups')
  @Operation({
    summary: "Lists an organisation's groups by name: those you are in, all for account administrators",
    at: 'organisation',
    answers: GroupPage,
    codes: ['forbidden'],
  })
  async list(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() dto: GroupListDto,
  ): Promise<GroupPage> {
    return this.queries.execute(new ListGroups(actor, id, dto));
  }

  @Get('groups/:id')
  @Operation({
    summary: 'One group, for its members and account administrators',
    at: 'group',
    answers: GroupView,
    codes: ['forbidden'],
  })
  async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<GroupView> {
    return this.queries.execute(new GetGroup(actor, id));
  }

  @Patch('groups/:id')
  @Operation({
    summary: 'Renames or describes a group: its administrators',
    at: 'group',
    answers: GroupView,
    codes: ['forbidden', 'scope-archived', 'too-many-conflicts'],
  })
  async edit(@Actor() actor: string, @Param('id', uuidPipe) id: string, @Body() dto: EditGroupDto): Promise<GroupView> {
    await this.commands.execute(new ChangeGroup(actor, id, { kind: 'edit', dto }));
    return this.queries.execute(new GetGroup(actor, id));
  }

  @Delete('groups/:id')
  @Operation({
    summary: 'Deletes a group, which can be restored for 30 days: account administrators',
    at: 'group',
    codes: ['forbidden', 'scope-archived', 'too-many-conflicts'],
  })
  async delete(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<void> {
    await this.commands.execute(new ChangeGroup(actor, id, { kind: 'delete' }));
  }

  @Post('groups/:id/restore')
  @Operation({
    summary: 'Restores a group within 30 days: account administrators',
    at: 'group',
    answers: GroupView,
    codes: ['forbidden', 'not-restorable', 'scope-archived', 'too-many-conflicts'],
    idempotent: true,
  })
  async restore(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<GroupView> {
    await this.commands.execute(new ChangeGroup(actor, id, { kind: 'restore' }));
    return this.queries.execute(new GetGroup(actor, id));
  }
}
