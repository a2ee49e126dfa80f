import { Command, Query } from '@nestjs/cqrs';

/** A command about one scope. */
export class ScopeCommand<Result> extends Command<Result> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}

/** A command that changes those fields of one scope that the call has. */
export class EditScopeCommand<Dto, Result> extends ScopeCommand<Result> {
  constructor(
    actor: string,
    id: string,
    readonly dto: Dto,
  ) {
    super(actor, id);
  }
}

/** A query about one scope. */
export class ScopeQuery<Result> extends Query<Result> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}
