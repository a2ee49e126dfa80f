import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Access, OwnerGuard, showsOwner } from '../../access/access.contract.js';
import { membershipStream } from '../../invitations/invitations.contract.js';
import { Decisions, newId, type Decide, type Decided } from '../../../shared/event-sourcing/command-handling.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import type { CreateGroupDto, GroupView } from './group.dto.js';
import { createGroup, type KnownGroup } from './group.js';
import { groupRow } from './group-list.projection.js';
import { groupFrom, groupStream } from './group-scopes.js';
import { GROUP_MEMBERS, groupMemberFrom, joinAsFounder } from '../members/group-member.js';
import { GroupViews } from './group-views.js';

/** Creates a group in an organisation; the creator becomes its administrator. */
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
    private readonly access: Access,
    private readonly decisions: Decisions,
    private readonly store: EventStore,
    private readonly ownerGuard: OwnerGuard,
    private readonly views: GroupViews,
  ) {}

  /** The founder first: a group that nobody is in could be found by nobody, while a membership of no group leads nowhere. */
  async execute({ actor, organisationId, dto }: CreateGroup): Promise<GroupView> {
    const id = newId('group');
    const scope = { kind: 'group' as const, id };
    const attribution = { actor, scope, organisationId };
    const stream = membershipStream('groupMember', scope, actor);
    const allowed = async (at: string, decide: Decide): Promise<Decided> =>
      this.decisions.retrying(async (reads) => {
        await this.access.toWrite(actor, 'groups.create', { kind: 'organisation', id: organisationId }, reads);
        return this.decisions.decide({ stream: at, attribution, decide, onlyIf: reads });
      });
    await allowed(stream, (history) => joinAsFounder(groupMemberFrom(history), actor));
    await this.ownerGuard.register({ personId: actor, stream, scope, organisationId }, actor, (history) =>
      showsOwner(GROUP_MEMBERS, history, scope),
    );
    await allowed(groupStream(id), (history) =>
      createGroup(groupFrom(history), organisationId, { name: dto.name, description: dto.description ?? null }),
    );
    const group = groupFrom(await this.store.read(groupStream(id))) as KnownGroup;
    const [view] = await this.views.of([groupRow(id, group)]);
    if (!view) throw new TypeError('one row, one view');
    // The read model may not know the founder yet, and nobody else can have come.
    view.memberCount = 1;
    return view;
  }
}
