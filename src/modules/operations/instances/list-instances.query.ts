import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Authorization } from '../../access/access.contract.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { LeaderElection } from '../../../shared/cluster/leader-election.js';
import type { InstanceView } from './instance.dto.js';

/** The instance that answers and the one that leads, for super-admins. Often they are one. */
export class ListInstances extends Query<InstanceView[]> {
  constructor(readonly actor: string) {
    super();
  }
}

@QueryHandler(ListInstances)
export class ListInstancesHandler implements IQueryHandler<ListInstances> {
  constructor(
    private readonly authorization: Authorization,
    private readonly leaderElection: LeaderElection,
  ) {}

  async execute({ actor }: ListInstances): Promise<InstanceView[]> {
    await this.authorization.requireSuperAdmin(actor, PLATFORM);
    const answering = this.leaderElection.holder;
    const leader = await this.leaderElection.leader();
    const ids = [...new Set([answering, ...(leader ? [leader.holder] : [])])];
    return ids.map((id) => {
      const isLeader = id === leader?.holder;
      return { id, isAnswering: id === answering, isLeader, leaseUntil: isLeader ? leader.until : null };
    });
  }
}
