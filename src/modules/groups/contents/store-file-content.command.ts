import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandHandling } from '../../../shared/event-sourcing/command-handling.js';
import type { Upload } from '../../../shared/http/uploads/upload.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { eventContextIn, mustBeOpen } from '../group-access.js';
import { type FileVersion, newestVersion, storeFileContent, versionsDroppedNext } from '../files/group-file.js';
import { groupFileFrom, GroupFiles, groupFileStream, type OpenedGroupFile } from '../files/group-files.js';
import { GroupContents } from './group-contents.js';

/** Stores a new version of a file. The caller needs content-creator rights on it, by their set or by an exception. */
export class StoreFileContent extends Command<void> {
  constructor(
    readonly actor: string,
    readonly id: string,
    readonly upload: Upload,
  ) {
    super();
  }
}

@CommandHandler(StoreFileContent)
export class StoreFileContentHandler implements ICommandHandler<StoreFileContent> {
  constructor(
    private readonly files: GroupFiles,
    private readonly contents: GroupContents,
    private readonly commandHandling: CommandHandling,
  ) {}

  async execute({ actor, id, upload }: StoreFileContent): Promise<void> {
    const { authorization } = await this.authorise(actor, id);
    const { draft } = await this.contents.receive(upload, authorization.group.organisationId);
    let dropped: readonly FileVersion[] = [];
    await this.contents.keep(draft, id, async (content) =>
      this.commandHandling.retrying(async (reads) => {
        const { authorization: now, file } = await this.authorise(actor, id, reads);
        const { domainEvents } = await this.commandHandling.decide({
          stream: groupFileStream(id),
          eventContext: eventContextIn(now, actor),
          decide: (history) => storeFileContent(groupFileFrom(history), content),
          onlyIf: reads,
        });
        dropped = domainEvents.length > 0 ? versionsDroppedNext(file) : [];
        return domainEvents.length > 0 ? content : newestVersion(file);
      }),
    );
    await this.contents.forget(id, dropped);
  }

  private async authorise(actor: string, id: string, reads?: StreamSource): Promise<OpenedGroupFile> {
    const opened = await this.files.open(actor, id, reads);
    if (!opened.access.mayEdit) throw new RuleBroken('forbidden');
    mustBeOpen(opened.authorization);
    newestVersion(opened.file);
    return opened;
  }
}
