import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Clock } from '../../../shared/time/clock.js';
import { CommandHandling } from '../../../shared/event-sourcing/command-handling.js';
import type { ReadSet } from '../../../shared/event-sourcing/append-condition.js';
import { GroupAccess, type GroupAuthorization } from '../group-access.js';
import type { EditGroupDto } from './group.dto.js';
import type { GroupDomainEvent } from './group.events.js';
import { deleteGroup, editGroup, restoreGroup, type Group } from './group.js';
import { groupFrom, groupStream } from './group-scopes.js';

export type GroupChange = { kind: 'edit'; dto: EditGroupDto } | { kind: 'delete' } | { kind: 'restore' };

/** Changes a group. Its administrators edit it. Account administrators delete and restore it. */
export class ChangeGroup extends Command<void> {
  constructor(
    readonly actor: string,
    readonly id: string,
    readonly change: GroupChange,
  ) {
    super();
  }
}

@CommandHandler(ChangeGroup)
export class ChangeGroupHandler implements ICommandHandler<ChangeGroup> {
  constructor(
    private readonly access: GroupAccess,
    private readonly commandHandling: CommandHandling,
    private readonly clock: Clock,
  ) {}

  async execute({ actor, id, change }: ChangeGroup): Promise<void> {
    await this.commandHandling.retrying(async (reads) => {
      const { group, scope } = await this.authorise(actor, id, change, reads);
      const eventContext = { actor, scope: { kind: scope.kind, id }, organisationId: group.organisationId };
      await this.commandHandling.decide({
        stream: groupStream(id),
        eventContext,
        decide: (history) => this.decide(groupFrom(history), change),
        onlyIf: reads,
      });
    });
  }

  private async authorise(
    actor: string,
    id: string,
    { kind }: GroupChange,
    reads: ReadSet,
  ): Promise<GroupAuthorization> {
    return kind === 'edit'
      ? this.access.requireOpenAdministrator(actor, id, reads)
      : this.access.requireAccountAdministrator(actor, id, reads);
  }

  private decide(group: Group, change: GroupChange): GroupDomainEvent[] {
    switch (change.kind) {
      case 'edit':
        return editGroup(group, change.dto);
      case 'delete':
        return deleteGroup(group);
      case 'restore':
        return restoreGroup(group, this.clock.now());
    }
  }
}
