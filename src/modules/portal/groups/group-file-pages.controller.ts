import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SHOWN_TYPES } from '../../../shared/file-storage/media-type.js';
import { isWebAddress } from '../../../shared/http/links/links.js';
import { PageDto } from '../../../shared/http/lists/page.dto.js';
import type { Locale } from '../../../shared/mail/texts.js';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import {
  AddGroupFile,
  AddGroupFileDto,
  ChangeFileException,
  ChangeGroupFile,
  EditGroupFileDto,
  type FileAccessView,
  GetGroupFile,
  type GroupFileView,
  ListFileAccess,
  ListFileVersions,
  ListGroupFiles,
} from '../../groups/groups.contract.js';
import { badFieldsOf, checked, mustBeValid, queryOf, typed, type BadField } from '../forms.js';
import { allowFrames, answerAs, goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { pathOf } from '../shell/place.js';
import { At, inGroup } from '../shell/place-routes.js';
import { initialsOf } from '../shell/shell.js';
import { doAndSay, saidBy } from '../staff/done-or-failed.js';
import type { TextKey } from '../texts/texts.en.js';
import { kindOf, sizeText } from './file-kind.js';
import { groupTabs } from './group-rights.js';
import { setIn } from './permission-sets.js';
import { type GroupPlace, PortalGroups } from './portal-groups.js';

const FILES = inGroup('files');
const FILE = `${FILES}/:fileId`;
const ERRORS: Readonly<Record<string, TextKey>> = { name: 'groups.errors.fileName', url: 'groups.errors.url' };
/** What the form of an exception chooses: rights on the file, none, or what the permission set gives. */
const EXCEPTIONS: Readonly<Record<string, boolean | null>> = { allow: true, deny: false, set: null };

type Fields = Record<'name' | 'url', string>;

/** The files of a group, and the page of each with who may do what with it. */
@ApiExcludeController()
@Controller()
export class GroupFilePagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly groups: PortalGroups,
    private readonly pages: Pages,
    private readonly problems: ProblemCatalogue,
    private readonly writes: OwnWrites,
  ) {}

  @Get(FILES)
  @Page()
  async list(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const { cursor, ...said } = typed(query, 'cursor', 'done', 'failed');
    const page = await checked(PageDto, { cursor });
    const at = await this.groups.at(viewer, ref.id, request);
    const files = await this.queries.execute(new ListGroupFiles(viewer, ref.id, page));
    return this.pages.render('group-files', at.options, {
      ...at,
      tabs: groupTabs(at.path, at.group, 'files'),
      said: saidBy(said, 'groups'),
      files: files.items.map((file) => ({
        ...shown(file, at.options.locale),
        mayChange: file.mayEdit && at.group.isOpen,
      })),
      older: files.nextCursor === null ? null : `${at.path}/files?${queryOf({ cursor: files.nextCursor })}`,
    });
  }

  @Get(`${FILES}/new`)
  @Page()
  async showNew(@Actor() viewer: string, @At() ref: ScopeRef, @Req() request: FastifyRequest): Promise<string> {
    return this.newForm(viewer, ref, request, { name: '', url: '' }, []);
  }

  @Post(`${FILES}/new`)
  @Page()
  async add(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const fields = typed(body, 'name', 'url');
    try {
      const dto = await mustBeValid(AddGroupFileDto, fields);
      await this.commands.execute(new AddGroupFile(viewer, ref.id, dto));
      await this.writes.shown();
      return goTo(reply, `${this.pages.base}${pathOf(ref)}/files?done=file-added`);
    } catch (error) {
      const errors = fileErrors(error);
      if (!errors) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      return this.newForm(viewer, ref, request, fields, errors);
    }
  }

  @Get(FILE)
  @Page()
  async show(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('fileId') fileId: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const at = await this.groups.at(viewer, ref.id, request);
    const file = await this.fileOf(viewer, ref, fileId);
    return this.page({ viewer, at, reply }, file, query, file, []);
  }

  @Post(FILE)
  @Page()
  async edit(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('fileId') fileId: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const at = await this.groups.at(viewer, ref.id, request);
    const file = await this.fileOf(viewer, ref, fileId);
    const fields = typed(body, 'name', 'url');
    try {
      // Only the name of a file with content can be edited.
      const dto = await mustBeValid(EditGroupFileDto, file.content ? { name: fields.name } : fields);
      await this.commands.execute(new ChangeGroupFile(viewer, file.id, { kind: 'edit', dto }));
      await this.writes.shown();
      return goTo(reply, `${this.pages.base}${at.path}/files/${file.id}?done=file-saved`);
    } catch (error) {
      const errors = fileErrors(error);
      if (!errors || !file.mayEdit) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      return this.page({ viewer, at, reply }, file, {}, fields, errors);
    }
  }

  /** Redirects a browser that opens the address of a form by GET. */
  @Get(['remove', 'exceptions'].map((form) => `${FILE}/${form}`))
  @Page()
  toTheFile(@Req() { url }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${url.replace(/\/(?:remove|exceptions)(?:\?.*)?$/, '')}`);
  }

  @Post(`${FILE}/remove`)
  @Page()
  async remove(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('fileId') fileId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.fileOf(viewer, ref, fileId);
    const files = `${this.pages.base}${pathOf(ref)}/files`;
    return doAndSay(reply, { page: `${files}/${fileId}`, done: `${files}?done=file-removed` }, async () => {
      await this.commands.execute(new ChangeGroupFile(viewer, fileId, { kind: 'remove' }));
      await this.writes.shown();
    });
  }

  @Post(`${FILE}/exceptions`)
  @Page()
  async changeException(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('fileId') fileId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.fileOf(viewer, ref, fileId);
    const page = `${this.pages.base}${pathOf(ref)}/files/${fileId}`;
    return doAndSay(reply, { page, done: `${page}?done=exception-changed` }, async () => {
      const { memberId, exception } = typed(body, 'memberId', 'exception');
      if (!isUUID(memberId) || !Object.hasOwn(EXCEPTIONS, exception)) throw new RuleBroken('invalid-input');
      const contentCreator = EXCEPTIONS[exception] ?? null;
      await this.commands.execute(new ChangeFileException(viewer, fileId, memberId.toLowerCase(), contentCreator));
      await this.writes.shown();
    });
  }

  private async newForm(
    viewer: string,
    ref: ScopeRef,
    request: FastifyRequest,
    fields: Fields,
    errors: BadField[],
  ): Promise<string> {
    const at = await this.groups.at(viewer, ref.id, request);
    if (!at.group.isOpen) throw new RuleBroken('scope-archived');
    if (!at.group.mayAddFiles) throw new RuleBroken('forbidden');
    return this.pages.render('group-file-new', { ...at.options, errors }, { ...at, fields });
  }

  private async page(
    { viewer, at, reply }: { viewer: string; at: GroupPlace; reply: FastifyReply },
    file: GroupFileView,
    query: unknown,
    { name, url }: Fields,
    errors: BadField[],
  ): Promise<string> {
    const { cursor, ...said } = typed(query, 'cursor', 'done', 'failed');
    const dto = await checked(PageDto, { cursor });
    const access = at.group.administers
      ? await this.queries.execute(new ListFileAccess(viewer, at.ref.id, file.id, dto))
      : null;
    const page = `${at.path}/files/${file.id}`;
    const isShown = (SHOWN_TYPES as readonly (string | undefined)[]).includes(file.content?.type);
    if (isShown) allowFrames(reply);
    return this.pages.render(
      'group-file',
      { ...at.options, errors },
      {
        ...at,
        said: saidBy(said, 'groups'),
        file: shown(file, at.options.locale),
        fields: { name, url },
        isShown,
        versions: file.content ? await this.versionsOf(viewer, file.id, at.options.locale) : null,
        mayChange: file.mayEdit && at.group.isOpen,
        access:
          access &&
          access.items.map((member) => ({
            ...shownAccess(member, viewer),
            mayExcept: at.group.isOpen && member.personId !== viewer && member.reason !== 'platform',
          })),
        older: access?.nextCursor ? `${page}?${queryOf({ cursor: access.nextCursor })}` : null,
      },
    );
  }

  private async versionsOf(viewer: string, fileId: string, locale: Locale) {
    const { items } = await this.queries.execute(new ListFileVersions(viewer, fileId));
    return items.map(({ version, size, type, uploadedAt, uploadedBy }) => ({
      version,
      kind: kindOf(type),
      sizeText: sizeText(size, locale),
      uploadedAt,
      by: uploadedBy.name,
      href: contentOf(fileId, version),
    }));
  }

  /** @throws RuleBroken `not-found` also for a file of another group */
  private async fileOf(viewer: string, ref: ScopeRef, fileId: string): Promise<GroupFileView> {
    if (!isUUID(fileId)) throw new RuleBroken('not-found');
    const file = await this.queries.execute(new GetGroupFile(viewer, fileId.toLowerCase()));
    if (file.groupId !== ref.id) throw new RuleBroken('not-found');
    return file;
  }
}

/** A reference into a customer's own store leads nowhere on this page. */
function shown({ ...file }: GroupFileView, locale: Locale) {
  return {
    ...file,
    menu: `file-${file.id}`,
    kind: kindOf(file.type),
    sizeText: file.size === null ? null : sizeText(file.size, locale),
    download: file.content ? contentOf(file.id) : null,
    href: file.content === null && isWebAddress(file.url, ['http:', 'https:']) ? file.url : null,
  };
}

/** Where members download a file. @param version absent: the newest */
function contentOf(fileId: string, version?: number): string {
  return `/v1/group-files/${fileId}/content${version === undefined ? '' : `?version=${String(version)}`}`;
}

function shownAccess({ name = null, email = null, ...member }: FileAccessView, viewer: string) {
  return {
    ...member,
    name,
    email,
    title: name ?? email,
    initials: initialsOf(name ?? email),
    menu: `access-${member.memberId}`,
    isOwn: member.personId === viewer,
    isException: member.reason === 'exception',
    set: setIn(member),
  };
}

function fileErrors(error: unknown): BadField[] | null {
  return badFieldsOf(error)?.map(({ field }) => ({ field, text: ERRORS[field] ?? 'invite.errors.other' })) ?? null;
}
