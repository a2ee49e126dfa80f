import { CommandBus, Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { rehearse } from '../../shared/request-context/request-context.js';
import { REVERTIBLE_KINDS } from './opposites.js';
import { Reverts } from './reverts.js';

/** What a page must know to offer the revert of an entry. */
export interface Revertible {
  keepsReason: boolean;
}

/** Which of some entries the reader may take back now, by event id. */
export class FindRevertible extends Query<Map<string, Revertible>> {
  /** @param entries with event ids as the reader knows them */
  constructor(
    readonly reader: string,
    readonly entries: readonly { eventId: string; kind: string }[],
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

  async execute({ reader, entries }: FindRevertible): Promise<Map<string, Revertible>> {
    const ids = entries.filter(({ kind }) => REVERTIBLE_KINDS.has(kind)).map(({ eventId }) => eventId);
    const found = await Promise.all(ids.map(async (id) => [id, await this.find(reader, id)] as const));
    return new Map(found.flatMap(([id, one]) => (one ? [[id, one]] : [])));
  }

  private async find(reader: string, id: string): Promise<Revertible | null> {
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
