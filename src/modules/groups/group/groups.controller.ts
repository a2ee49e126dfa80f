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
    summary: 'Create a group',
    description: 'The creator becomes its administrator and content creator.',
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
    summary: 'List the groups of an organisation, ordered by name',
    description: 'Members see their groups. Account administrators see every group.',
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
    summary: 'Get a group',
    description: 'For members of the group and account administrators.',
    at: 'group',
    answers: GroupView,
    codes: ['forbidden'],
  })
  async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<GroupView> {
    return this.queries.execute(new GetGroup(actor, id));
  }

  @Patch('groups/:id')
  @Operation({
    summary: 'Edit a group',
    description: 'For administrators of the group.',
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
    summary: 'Delete a group',
    description: 'For account administrators, who can restore the group for 30 days.',
    at: 'group',
    codes: ['forbidden', 'scope-archived', 'too-many-conflicts'],
  })
  async delete(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<void> {
    await this.commands.execute(new ChangeGroup(actor, id, { kind: 'delete' }));
  }

  @Post('groups/:id/restore')
  @Operation({
    summary: 'Restore a deleted group',
    description: 'For account administrators, within 30 days of the deletion.',
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
