import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
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
  constructor(private readonly reverts: Reverts) {}

  /** Rehearses the opposite command, which says so by its own rules. */
  async execute({ reader, eventId: id }: FindRevertible): Promise<Revertible | null> {
    try {
      const opened = await this.reverts.open(reader, id);
      if (opened.isReverted || opened.later) return null;
      await this.reverts.rehearse(opened, reader);
      return { keepsReason: opened.opposite.keepsReason };
    } catch (error) {
      if (error instanceof RuleBroken) return null;
      throw error;
    }
  }
}
