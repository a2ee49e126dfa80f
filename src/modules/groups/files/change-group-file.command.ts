import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { MemberChanges } from '../../access/access.contract.js';
import { Decisions, newId, type Decide } from '../../../shared/event-sourcing/decisions.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { GroupAccess, mustBeOpen, type GroupStanding } from '../group-access.js';
import type { AddGroupFileDto, EditGroupFileDto } from './group-file.dto.js';
import type { GroupFileFact } from './group-file.events.js';
import {
  addGroupFile,
  clearFileException,
  editGroupFile,
  removeGroupFile,
  setFileException,
  type GroupFile,
} from './group-file.js';
import { groupFileFrom, GroupFiles, groupFileStream } from './group-files.js';
import { GROUP_MEMBERS } from '../members/group-member.js';

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
        attribution: attribution(actor, mustBeOpen(standing)),
        decide,
        onlyIf: reads,
      });
    });
    return id;
  }
}

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
        attribution: attribution(actor, mustBeOpen(standing)),
        decide: (history) => decide(groupFileFrom(history), change),
        onlyIf: reads,
      });
    });
  }
}

function decide(file: GroupFile, change: GroupFileChange): GroupFileFact[] {
  return change.kind === 'edit' ? editGroupFile(file, change.dto) : removeGroupFile(file);
}

/** Gives or denies a member content-creator rights on a file whatever their set; null: lets the set decide again. The group's administrators. */
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
    private readonly members: MemberChanges,
    private readonly decisions: Decisions,
  ) {}

  async execute({ actor, id, memberId, contentCreator }: ChangeFileException): Promise<void> {
    await this.decisions.retrying(async (reads) => {
      const { standing, file } = await this.files.open(actor, id, reads);
      if (!standing.permissions.administrator) throw new RuleBroken('forbidden');
      const by = attribution(actor, mustBeOpen(standing));
      if (memberId === standing.membershipId) throw new RuleBroken('own-role');
      const { member, scope } = await this.members.load(GROUP_MEMBERS, memberId, reads);
      if (scope.id !== file.groupId) throw new RuleBroken('not-found');
      const decide: Decide = (history) =>
        contentCreator === null
          ? clearFileException(groupFileFrom(history), memberId)
          : setFileException(groupFileFrom(history), memberId, { memberSince: member.since, contentCreator });
      await this.decisions.decide({ stream: groupFileStream(id), attribution: by, decide, onlyIf: reads });
    });
  }
}

function attribution(actor: string, { scope, group: { organisationId } }: GroupStanding) {
  return { actor, scope: { kind: scope.kind, id: scope.id }, organisationId };
}
