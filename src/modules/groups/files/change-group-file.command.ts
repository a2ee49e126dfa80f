import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandHandling } from '../../../shared/event-sourcing/command-handling.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { GroupContents } from '../contents/group-contents.js';
import { eventContextIn, mustBeOpen } from '../group-access.js';
import type { EditGroupFileDto } from './group-file.dto.js';
import type { GroupFileDomainEvent } from './group-file.events.js';
import { editGroupFile, removeGroupFile, type GroupFile } from './group-file.js';
import { groupFileFrom, GroupFiles, groupFileStream } from './group-files.js';

export type GroupFileChange = { kind: 'edit'; dto: EditGroupFileDto } | { kind: 'remove' };

/** Edits or removes a file. The caller needs content-creator rights on it, by their set or by an exception. */
export class ChangeGroupFile extends Command<void> {
  constructor(
    readonly actor: string,
    readonly id: string,
    readonly change: GroupFileChange,
  ) {
    super();
  }
}

@CommandHandler(ChangeGroupFile)
export class ChangeGroupFileHandler implements ICommandHandler<ChangeGroupFile> {
  constructor(
    private readonly files: GroupFiles,
    private readonly contents: GroupContents,
    private readonly commandHandling: CommandHandling,
  ) {}

  async execute({ actor, id, change }: ChangeGroupFile): Promise<void> {
    const { versions } = await this.commandHandling.retrying(async (reads) => {
      const { authorization, access, file } = await this.files.open(actor, id, reads);
      if (!access.mayEdit) throw new RuleBroken('forbidden');
      await this.commandHandling.decide({
        stream: groupFileStream(id),
        eventContext: eventContextIn(mustBeOpen(authorization), actor),
        decide: (history) => factsOf(groupFileFrom(history), change),
        onlyIf: reads,
      });
      return file;
    });
    if (change.kind === 'remove') await this.contents.forget(id, versions);
  }
}

function factsOf(file: GroupFile, change: GroupFileChange): GroupFileDomainEvent[] {
  return change.kind === 'edit' ? editGroupFile(file, change.dto) : removeGroupFile(file);
}
