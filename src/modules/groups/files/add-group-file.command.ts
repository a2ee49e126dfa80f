import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Decisions, newId, type Decide } from '../../../shared/event-sourcing/command-handling.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { attributionIn, GroupAccess, mustBeOpen } from '../group-access.js';
import type { AddGroupFileDto } from './group-file.dto.js';
import { addGroupFile } from './group-file.js';
import { groupFileFrom, groupFileStream } from './group-files.js';

/** Adds a file to a group: its content creators. @returns the file's id */
export class AddGroupFile extends Command<string> {
  constructor(
    readonly actor: string,
    readonly groupId: string,
    readonly dto: AddGroupFileDto,
  ) {
    super();
  }
}

@CommandHandler(AddGroupFile)
export class AddGroupFileHandler implements ICommandHandler<AddGroupFile> {
  constructor(
    private readonly access: GroupAccess,
    private readonly decisions: Decisions,
  ) {}

  async execute({ actor, groupId, dto }: AddGroupFile): Promise<string> {
    const id = newId('groupFile');
    const { name, size = null, type = null, url } = dto;
    await this.decisions.retrying(async (reads) => {
      const standing = await this.access.asMember(actor, groupId, reads);
      if (!standing.permissions.contentCreator) throw new RuleBroken('forbidden');
      const decide: Decide = (history) => addGroupFile(groupFileFrom(history), groupId, { name, size, type, url });
      await this.decisions.decide({
        stream: groupFileStream(id),
        attribution: attributionIn(mustBeOpen(standing), actor),
        decide,
        onlyIf: reads,
      });
    });
    return id;
  }
}
