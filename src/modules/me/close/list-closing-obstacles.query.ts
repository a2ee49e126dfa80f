import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ProblemCode } from '../../../shared/problems/problem-codes.js';
import { Scopes } from '../../access/access.contract.js';
import { placeName } from '../../access/access.domain.contract.js';
import { Leaving } from './leaving.js';

/** A place that keeps the person from closing the account. */
export interface ClosingObstacle {
  /** The code of the rule that refuses to let them leave. */
  code: ProblemCode;
  /** The name of the place. */
  place: string;
}

/** The places that keep a person from closing the account. Changes nothing. */
export class ListClosingObstacles extends Query<ClosingObstacle[]> {
  constructor(readonly personId: string) {
    super();
  }
}

@QueryHandler(ListClosingObstacles)
export class ListClosingObstaclesHandler implements IQueryHandler<ListClosingObstacles> {
  constructor(
    private readonly leaving: Leaving,
    private readonly scopes: Scopes,
  ) {}

  async execute({ personId }: ListClosingObstacles): Promise<ClosingObstacle[]> {
    const obstacles = await this.leaving.obstacles(personId);
    const scopes = await this.scopes.loadAll(obstacles.map(({ place }) => place.scope));
    return obstacles.flatMap(({ place, refusal }) => {
      const scope = scopes.get(place.scope.id);
      return scope ? [{ code: refusal.code, place: placeName(scope) }] : [];
    });
  }
}
