import { Body, Controller, Delete, Get, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { PageDto } from '../../../shared/http/lists/page.dto.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { AddGroupFile } from './add-group-file.command.js';
import { ChangeFileException } from './change-file-exception.command.js';
import { ChangeGroupFile } from './change-group-file.command.js';
import {
  AddGroupFileDto,
  EditGroupFileDto,
  FileAccessPage,
  FileExceptionDto,
  GroupFilePage,
  GroupFileView,
} from './group-file.dto.js';
import { GetGroupFile } from './get-group-file.query.js';
import { ListFileAccess } from './list-file-access.query.js';
import { ListGroupFiles } from './list-group-files.query.js';

/** Entries of files. Their content is in the integrator's store. */
@ApiTags('Group files')
@Controller('v1')
export class GroupFilesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('groups/:id/files')
  @Operation({
    summary: 'Adds a file to a group: its content creators',
    at: 'group',
    status: 201,
    answers: GroupFileView,
    codes: ['forbidden', 'scope-archived', 'too-many-conflicts'],
    idempotent: true,
  })
  async add(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() dto: AddGroupFileDto,
  ): Promise<GroupFileView> {
    return this.queries.execute(new GetGroupFile(actor, await this.commands.execute(new AddGroupFile(actor, id, dto))));
  }

  @Get('groups/:id/files')
  @Operation({
    summary: "Lists a group's files by name: any member",
    at: 'group',
    answers: GroupFilePage,
    codes: ['forbidden'],
  })
  async list(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() { limit, cursor }: PageDto,
  ): Promise<GroupFilePage> {
    return this.queries.execute(new ListGroupFiles(actor, id, { limit, cursor }));
  }

  @Get('group-files/:id')
  @Operation({ summary: 'One file: any member', at: 'group-file', answers: GroupFileView, codes: ['forbidden'] })
  async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<GroupFileView> {
    return this.queries.execute(new GetGroupFile(actor, id));
  }

  @Patch('group-files/:id')
  @Operation({
    summary: 'Edits a file: whoever has content-creator rights on it',
    at: 'group-file',
    answers: GroupFileView,
    codes: ['forbidden', 'scope-archived', 'too-many-conflicts'],
  })
  async edit(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() dto: EditGroupFileDto,
  ): Promise<GroupFileView> {
    await this.commands.execute(new ChangeGroupFile(actor, id, { kind: 'edit', dto }));
    return this.queries.execute(new GetGroupFile(actor, id));
  }

  @Delete('group-files/:id')
  @Operation({
    summary: 'Removes a file from the group: whoever has content-creator rights on it',
    at: 'group-file',
    codes: ['forbidden', 'scope-archived', 'too-many-conflicts'],
  })
  async remove(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<void> {
    await this.commands.execute(new ChangeGroupFile(actor, id, { kind: 'remove' }));
  }

  @Put('group-files/:id/exceptions/:memberId')
  @Operation({
    summary:
      "Gives or denies a member content-creator rights on a file, whatever their set: the group's administrators, nobody themselves",
    at: 'group-file',
    codes: ['forbidden', 'own-role', 'scope-archived', 'too-many-conflicts'],
  })
  async setException(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Param('memberId', uuidPipe) memberId: string,
    @Body() { contentCreator }: FileExceptionDto,
  ): Promise<void> {
    await this.commands.execute(new ChangeFileException(actor, id, memberId, contentCreator));
  }

  @Delete('group-files/:id/exceptions/:memberId')
  @Operation({
    summary: "Lets a member's set decide again: the group's administrators, nobody for themselves",
    at: 'group-file',
    codes: ['forbidden', 'own-role', 'scope-archived', 'too-many-conflicts'],
  })
  async clearException(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Param('memberId', uuidPipe) memberId: string,
  ): Promise<void> {
    await this.commands.execute(new ChangeFileException(actor, id, memberId, null));
  }

  @Get('group-files/:id/access')
  @Operation({
    summary: "What every member may do with a file, and why: the group's administrators",
    at: 'group-file',
    answers: FileAccessPage,
    codes: ['forbidden'],
  })
  async access(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() { limit, cursor }: PageDto,
  ): Promise<FileAccessPage> {
    return this.queries.execute(new ListFileAccess(actor, null, id, { limit, cursor }));
  }

  @Get('groups/:id/files/:fileId/access')
  @Operation({
    summary: 'The same, by the address below its group',
    at: 'group',
    answers: FileAccessPage,
    codes: ['forbidden'],
  })
  async accessBelow(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Param('fileId', uuidPipe) fileId: string,
    @Query() { limit, cursor }: PageDto,
  ): Promise<FileAccessPage> {
    return this.queries.execute(new ListFileAccess(actor, id, fileId, { limit, cursor }));
  }
}
