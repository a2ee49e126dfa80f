import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandHandling, newId } from '../../../shared/event-sourcing/command-handling.js';
import type { FormFields, Upload } from '../../../shared/http/uploads/upload.js';
import { validationPipe } from '../../../shared/http/validation.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ReadSet, StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { eventContextIn, GroupAccess, type MemberAuthorization, mustBeOpen } from '../group-access.js';
import type { GroupFileContent, GroupFileDomainEvents } from '../files/group-file.events.js';
import { uploadGroupFile } from '../files/group-file.js';
import { groupFileFrom, groupFileStream } from '../files/group-files.js';
import { UploadGroupFileDto } from './group-content.dto.js';
import { GroupContents, type ReceivedContent } from './group-contents.js';

/** Stores an uploaded file in a group. The caller must be a content creator of the group. @returns the file's id */
export class UploadGroupFile extends Command<string> {
  constructor(
    readonly actor: string,
    readonly groupId: string,
    readonly upload: Upload,
  ) {
    super();
  }
}

@CommandHandler(UploadGroupFile)
export class UploadGroupFileHandler implements ICommandHandler<UploadGroupFile> {
  constructor(
    private readonly access: GroupAccess,
    private readonly contents: GroupContents,
    private readonly commandHandling: CommandHandling,
  ) {}

  async execute({ actor, groupId, upload }: UploadGroupFile): Promise<string> {
    const id = newId('groupFile');
    const { group } = await this.authorise(actor, groupId);
    const received = await this.contents.receive(upload, group.organisationId, async (fields) => {
      await checked(fields);
    });
    const name = await nameOf(received).catch(async (error: unknown) => {
      await received.draft.discard();
      throw error;
    });
    await this.contents.keep(received.draft, id, async (content) =>
      this.commandHandling.retrying(async (reads) => this.append({ actor, groupId, id, name, content }, reads)),
    );
    return id;
  }

  private async append(
    {
      actor,
      groupId,
      id,
      name,
      content,
    }: { actor: string; groupId: string; id: string; name: string; content: GroupFileContent },
    reads: ReadSet,
  ): Promise<GroupFileContent> {
    const { domainEvents } = await this.commandHandling.decide({
      stream: groupFileStream(id),
      eventContext: eventContextIn(await this.authorise(actor, groupId, reads), actor),
      decide: (history) => uploadGroupFile(groupFileFrom(history), groupId, name, content),
      onlyIf: reads,
    });
    return (domainEvents[0]?.data as GroupFileDomainEvents['GroupFileUploaded'] | undefined) ?? content;
  }

  private async authorise(actor: string, groupId: string, reads?: StreamSource): Promise<MemberAuthorization> {
    const authorization = await this.access.requireMember(actor, groupId, reads);
    if (!authorization.permissions.contentCreator) throw new RuleBroken('forbidden');
    return mustBeOpen(authorization);
  }
}

/** The name that the form's field gives, or that of the file. */
async function nameOf({ fields, fileName }: ReceivedContent): Promise<string> {
  const { name } = await checked(fields);
  if (name !== undefined) return name;
  const { name: plain } = await checked(fileName === null ? {} : { name: plainName(fileName) });
  if (plain === undefined)
    throw new RuleBroken('invalid-input', { errors: [{ field: 'name', message: 'is required' }] });
  return plain;
}

/** The last part of a path, without characters that no name may have. */
function plainName(fileName: string): string {
  const last = fileName.split(/[/\\]/).at(-1) ?? '';
  return last.replaceAll(/[\p{Cc}\p{Cs}\u2028-\u202E\u2066-\u2069]/gu, '');
}

/** @throws RuleBroken `invalid-input` */
async function checked(fields: FormFields): Promise<UploadGroupFileDto> {
  return (await CHECK.transform({ ...fields }, { type: 'body', metatype: UploadGroupFileDto })) as UploadGroupFileDto;
}

const CHECK = validationPipe();
