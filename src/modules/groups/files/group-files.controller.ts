import { Body, Controller, Delete, Get, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { PageDto } from '../../../shared/http/lists/page.dto.js';
import { BodyOf } from '../../../shared/http/route-parameters.js';
import { TakesUpload, Upload } from '../../../shared/http/uploads/upload.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { NAME_SCHEMA, UPLOAD_CODES } from '../contents/group-content.dto.js';
import { UploadGroupFile } from '../contents/upload-group-file.command.js';
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

/** Routes for the entries of files. */
@ApiTags('Group files')
@Controller('v1')
export class GroupFilesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('groups/:id/files')
  @TakesUpload({ description: 'The file', or: 'json', fields: { name: NAME_SCHEMA } })
  @Operation({
    summary: 'Add a file to a group',
    description:
      'As JSON a link to content elsewhere, as a form a file whose content is stored. For content creators of the group.',
    at: 'group',
    status: 201,
    answers: GroupFileView,
    codes: ['forbidden', 'scope-archived', 'too-many-conflicts', ...UPLOAD_CODES],
    idempotent: true,
  })
  async add(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @BodyOf(AddGroupFileDto) body: AddGroupFileDto | Upload,
  ): Promise<GroupFileView> {
    const command = body instanceof Upload ? new UploadGroupFile(actor, id, body) : new AddGroupFile(actor, id, body);
    return this.queries.execute(new GetGroupFile(actor, await this.commands.execute(command)));
  }

  @Get('groups/:id/files')
  @Operation({
    summary: 'List the files of a group, ordered by name',
    description: 'For every member of the group.',
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
  @Operation({
    summary: 'Get a file of a group',
    description: 'For every member of the group.',
    at: 'group-file',
    answers: GroupFileView,
    codes: ['forbidden'],
  })
  async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<GroupFileView> {
    return this.queries.execute(new GetGroupFile(actor, id));
  }

  @Patch('group-files/:id')
  @Operation({
    summary: 'Edit a file of a group',
    description: 'For callers with content-creator rights on the file.',
    at: 'group-file',
    answers: GroupFileView,
    codes: ['forbidden', 'file-has-content', 'scope-archived', 'too-many-conflicts'],
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
    summary: 'Remove a file from its group',
    description: 'For callers with content-creator rights on the file.',
    at: 'group-file',
    codes: ['forbidden', 'scope-archived', 'too-many-conflicts'],
  })
  async remove(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<void> {
    await this.commands.execute(new ChangeGroupFile(actor, id, { kind: 'remove' }));
  }

  @Put('group-files/:id/exceptions/:memberId')
  @Operation({
    summary: 'Make an exception for a member on a file',
    description:
      'Gives or denies content-creator rights on the file. For administrators of the group, but not for themselves.',
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
    summary: 'End the exception of a member on a file',
    description:
      'The permission set of the member decides again. For administrators of the group, but not for themselves.',
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
    summary: 'List what members may do with a file',
    description: 'Says for each member whether they may edit the file, and why. For administrators of the group.',
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
    summary: 'List what members may do with a file of a group',
    description: 'The same list as at `/v1/group-files/:id/access`.',
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
