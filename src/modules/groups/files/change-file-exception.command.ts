import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { MembershipChanges } from '../../access/access.contract.js';
import { CommandHandling, type Decide } from '../../../shared/event-sourcing/command-handling.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { eventContextIn, mustBeOpen } from '../group-access.js';
import { clearFileException, setFileException } from './group-file.js';
import { groupFileFrom, GroupFiles, groupFileStream } from './group-files.js';
import { GROUP_MEMBERS } from '../members/group-member.js';

/**
 * Gives or denies a member content-creator rights on a file, whatever their set; null ends the exception. The caller
 * must be an administrator of the group.
 */
export class ChangeFileException extends Command<void> {
  constructor(
    readonly actor: string,
    readonly id: string,
    readonly memberId: string,
    readonly contentCreator: boolean | null,
  ) {
    super();
  }
}

@CommandHandler(ChangeFileException)
export class ChangeFileExceptionHandler implements ICommandHandler<ChangeFileException> {
  constructor(
    private readonly files: GroupFiles,
    private readonly members: MembershipChanges,
    private readonly commandHandling: CommandHandling,
  ) {}

  async execute({ actor, id, memberId, contentCreator }: ChangeFileException): Promise<void> {
    await this.commandHandling.retrying(async (reads) => {
      const { authorization, file } = await this.files.open(actor, id, reads);
      if (!authorization.permissions.administrator) throw new RuleBroken('forbidden');
      const by = eventContextIn(mustBeOpen(authorization), actor);
      if (memberId === authorization.membershipId) throw new RuleBroken('own-role');
      const { member, scope } = await this.members.load(GROUP_MEMBERS, memberId, reads);
      if (scope.id !== file.groupId) throw new RuleBroken('not-found');
      const decide: Decide = (history) =>
        contentCreator === null
          ? clearFileException(groupFileFrom(history), memberId)
          : setFileException(groupFileFrom(history), memberId, { memberSince: member.since, contentCreator });
      await this.commandHandling.decide({ stream: groupFileStream(id), eventContext: by, decide, onlyIf: reads });
    });
  }
}
