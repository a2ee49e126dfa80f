import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization, OwnerGuard, showsOwner } from '../../access/access.contract.js';
import { membershipStream } from '../../invitations/invitations.contract.js';
import {
  CommandHandling,
  newId,
  type Decide,
  type DecisionResult,
} from '../../../shared/event-sourcing/command-handling.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import type { CreateGroupDto, GroupView } from './group.dto.js';
import { createGroup, type KnownGroup } from './group.js';
import { groupRow } from './group-list.projection.js';
import { groupFrom, groupStream } from './group-scopes.js';
import { GROUP_MEMBERS, groupMemberFrom, joinAsFounder } from '../members/group-member.js';
import { GroupViews } from './group-views.js';

/** Creates a group in an organisation, with the caller as its administrator. */
export class CreateGroup extends Command<GroupView> {
  constructor(
    readonly actor: string,
    readonly organisationId: string,
    readonly dto: CreateGroupDto,
  ) {
    super();
  }
}

@CommandHandler(CreateGroup)
export class CreateGroupHandler implements ICommandHandler<CreateGroup> {
  constructor(
    private readonly authorization: Authorization,
    private readonly commandHandling: CommandHandling,
    private readonly store: EventStore,
    private readonly ownerGuard: OwnerGuard,
    private readonly views: GroupViews,
  ) {}

  /**
   * The founder joins before the group exists, because after a crash nobody could find a group without members. A
   * membership without a group does no harm.
   */
  async execute({ actor, organisationId, dto }: CreateGroup): Promise<GroupView> {
    const id = newId('group');
    const scope = { kind: 'group' as const, id };
    const eventContext = { actor, scope, organisationId };
    const stream = membershipStream('groupMember', scope, actor);
    const decideAuthorised = async (at: string, decide: Decide): Promise<DecisionResult> =>
      this.commandHandling.retrying(async (reads) => {
        await this.authorization.requireWrite(
          actor,
          'groups.create',
          { kind: 'organisation', id: organisationId },
          reads,
        );
        return this.commandHandling.decide({ stream: at, eventContext, decide, onlyIf: reads });
      });
    await decideAuthorised(stream, (history) => joinAsFounder(groupMemberFrom(history), actor));
    await this.ownerGuard.register({ personId: actor, stream, scope, organisationId }, actor, (history) =>
      showsOwner(GROUP_MEMBERS, history, scope),
    );
    await decideAuthorised(groupStream(id), (history) =>
      createGroup(groupFrom(history), organisationId, { name: dto.name, description: dto.description ?? null }),
    );
    const group = groupFrom(await this.store.read(groupStream(id))) as KnownGroup;
    const [view] = await this.views.of([groupRow(id, group)]);
    if (!view) throw new TypeError('the row has no view');
    // The read model may not know the founder yet, and nobody else can have joined.
    view.memberCount = 1;
    return view;
  }
}
