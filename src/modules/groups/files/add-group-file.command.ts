import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandHandling, newId, type Decide } from '../../../shared/event-sourcing/command-handling.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { eventContextIn, GroupAccess, mustBeOpen } from '../group-access.js';
import type { AddGroupFileDto } from './group-file.dto.js';
import { addGroupFile } from './group-file.js';
import { groupFileFrom, groupFileStream } from './group-files.js';

/** Adds a file to a group. The caller must be a content creator of the group. @returns the file's id */
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
    private readonly commandHandling: CommandHandling,
  ) {}

  async execute({ actor, groupId, dto }: AddGroupFile): Promise<string> {
    const id = newId('groupFile');
    const { name, size = null, type = null, url } = dto;
    await this.commandHandling.retrying(async (reads) => {
      const authorization = await this.access.requireMember(actor, groupId, reads);
      if (!authorization.permissions.contentCreator) throw new RuleBroken('forbidden');
      const decide: Decide = (history) => addGroupFile(groupFileFrom(history), groupId, { name, size, type, url });
      await this.commandHandling.decide({
        stream: groupFileStream(id),
        eventContext: eventContextIn(mustBeOpen(authorization), actor),
        decide,
        onlyIf: reads,
      });
    });
    return id;
  }
}
