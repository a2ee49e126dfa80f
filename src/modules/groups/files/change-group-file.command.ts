import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Decisions } from '../../../shared/event-sourcing/command-handling.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { attributionIn, mustBeOpen } from '../group-access.js';
import type { EditGroupFileDto } from './group-file.dto.js';
import type { GroupFileFact } from './group-file.events.js';
import { editGroupFile, removeGroupFile, type GroupFile } from './group-file.js';
import { groupFileFrom, GroupFiles, groupFileStream } from './group-files.js';

export type GroupFileChange = { kind: 'edit'; dto: EditGroupFileDto } | { kind: 'remove' };

/** Edits or removes a file: whoever has content-creator rights on it, by their set or by an exception. */
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
    private readonly decisions: Decisions,
  ) {}

  async execute({ actor, id, change }: ChangeGroupFile): Promise<void> {
    await this.decisions.retrying(async (reads) => {
      const { standing, access } = await this.files.open(actor, id, reads);
      if (!access.mayEdit) throw new RuleBroken('forbidden');
      await this.decisions.decide({
        stream: groupFileStream(id),
        attribution: attributionIn(mustBeOpen(standing), actor),
        decide: (history) => factsOf(groupFileFrom(history), change),
        onlyIf: reads,
      });
    });
  }
}

function factsOf(file: GroupFile, change: GroupFileChange): GroupFileFact[] {
  return change.kind === 'edit' ? editGroupFile(file, change.dto) : removeGroupFile(file);
}
