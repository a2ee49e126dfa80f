import { Readable } from 'node:stream';
import { Controller, Get, Param, Put, Query, Res, StreamableFile } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { contentDisposition } from '../../../shared/http/uploads/content-disposition.js';
import { TakesUpload, type Upload, UploadBody } from '../../../shared/http/uploads/upload.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { GroupFileView } from '../files/group-file.dto.js';
import { GetGroupFile } from '../files/get-group-file.query.js';
import { GetFileContent, type ReadableContent } from './get-file-content.query.js';
import { ContentVersionDto, GroupFileVersions, UPLOAD_CODES } from './group-content.dto.js';
import { ListFileVersions } from './list-file-versions.query.js';
import { StoreFileContent } from './store-file-content.command.js';

/**
 * A preview runs nothing, loads nothing and may stand in frames of our own pages alone. Browsers show a picture or a
 * text with styles of their own.
 */
const PREVIEW_POLICY =
  "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/** Routes for the contents of files that are stored here. */
@ApiTags('Group files')
@Controller('v1/group-files/:id')
export class GroupContentsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Put('content')
  @TakesUpload({ description: 'The file', or: 'raw' })
  @Operation({
    summary: 'Store a new version of a file',
    description:
      'The body is the file, or a form with it. The last ten versions are kept. The content that the file has already is not stored again. For callers with content-creator rights on the file.',
    at: 'group-file',
    answers: GroupFileView,
    codes: ['forbidden', 'file-is-a-link', 'scope-archived', 'too-many-conflicts', ...UPLOAD_CODES],
  })
  async store(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @UploadBody() upload: Upload,
  ): Promise<GroupFileView> {
    await this.commands.execute(new StoreFileContent(actor, id, upload));
    return this.queries.execute(new GetGroupFile(actor, id));
  }

  @Get('content')
  @Operation({
    summary: 'Download a stored file',
    description: 'For every member of the group.',
    at: 'group-file',
    file: 'application/octet-stream',
    codes: ['file-is-a-link', 'file-damaged', 'file-storage-unavailable'],
  })
  async download(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() { version }: ContentVersionDto,
  ): Promise<StreamableFile> {
    const content = await this.queries.execute(new GetFileContent(actor, id, version, 'download'));
    return sent(content, content.type, 'attachment');
  }

  @Get('preview')
  @Operation({
    summary: 'Show a stored file in a frame',
    description:
      'PNG, JPEG, GIF and WebP pictures, PDF and plain text. The answer has a policy of its own, by which it runs nothing. For every member of the group.',
    at: 'group-file',
    file: 'application/octet-stream',
    codes: ['file-is-a-link', 'no-preview', 'file-damaged', 'file-storage-unavailable'],
  })
  async preview(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() { version }: ContentVersionDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const content = await this.queries.execute(new GetFileContent(actor, id, version, 'preview'));
    void reply.header('Content-Security-Policy', PREVIEW_POLICY);
    return sent(content, content.type === 'text/plain' ? 'text/plain; charset=utf-8' : content.type, 'inline');
  }

  @Get('versions')
  @Operation({
    summary: 'List the kept versions of a stored file, newest first',
    description: 'For every member of the group.',
    at: 'group-file',
    answers: GroupFileVersions,
    codes: ['file-is-a-link'],
  })
  async versions(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<GroupFileVersions> {
    return this.queries.execute(new ListFileVersions(actor, id));
  }
}

/** Every answer has `X-Content-Type-Options: nosniff`, so browsers keep to this type. */
function sent({ name, size, bytes }: ReadableContent, type: string, as: 'attachment' | 'inline'): StreamableFile {
  return new StreamableFile(Readable.from(bytes, { objectMode: false }), {
    type,
    length: size,
    disposition: contentDisposition(as, name),
  });
}
