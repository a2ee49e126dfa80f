import { CommandBus, Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { rehearse } from '../../shared/request-context/request-context.js';
import { Reverts } from './reverts.js';

/** What a page must know to offer the revert of an entry. */
export interface Revertible {
  keepsReason: boolean;
}

/** Whether the reader may take an entry back now; null: they may not. */
export class FindRevertible extends Query<Revertible | null> {
  /** @param eventId as the reader knows it */
  constructor(
    readonly reader: string,
    readonly eventId: string,
  ) {
    super();
  }
}

@QueryHandler(FindRevertible)
export class FindRevertibleHandler implements IQueryHandler<FindRevertible> {
  constructor(
    private readonly reverts: Reverts,
    private readonly commands: CommandBus,
  ) {}

  /** Rehearses the opposite command, which says so by its own rules. */
  async execute({ reader, eventId: id }: FindRevertible): Promise<Revertible | null> {
    try {
      const { entry, opposite, isReverted, later } = await this.reverts.open(reader, id);
      if (isReverted || later) return null;
      const { keepsReason } = opposite;
      const taking = {
        actor: reader,
        seeId: (stored: string) => entry.seeId(stored),
        reason: keepsReason ? '-' : undefined,
      };
      await rehearse(async () => this.commands.execute(opposite.command(taking)));
      return { keepsReason };
    } catch (error) {
      if (error instanceof RuleBroken) return null;
      throw error;
    }
  }
}
