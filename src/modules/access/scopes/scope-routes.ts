import { Get, Injectable, Param, Patch, Post, type Type } from '@nestjs/common';
import { CommandBus, QueryBus, type Command, type Query } from '@nestjs/cqrs';
import { BodyOf } from '../../../shared/http/route-parameters.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import type { ProblemCode } from '../../../shared/problems/problem-codes.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { Operation } from '../operation.js';
import type { Permission } from '../permissions.js';

interface ScopeRoutes<Details, View, Dto> {
  at: 'organisation' | 'deployment';
  /** The path of one scope, below the controller's. */
  path: string;
  /** The answer of the routes that write. */
  view: Type<View>;
  get: {
    message: new (actor: string, id: string) => Query<Details>;
    answers: Type<Details>;
    summary: string;
    codes?: readonly ProblemCode[];
  };
  edit: {
    message: new (actor: string, id: string, dto: Dto) => Command<View>;
    dto: Type<Dto & object>;
    summary: string;
    needs: Permission;
  };
  archive: { message: new (actor: string, id: string) => Command<View>; summary: string; needs: Permission };
  restore: { message: new (actor: string, id: string) => Command<View>; codes?: readonly ProblemCode[] };
}

/** The routes that get, edit, archive and restore one scope with a profile, for the controller of its kind. */
export function scopeRoutes<Details, View, Dto>(declared: ScopeRoutes<Details, View, Dto>) {
  const { at, path, view, get, edit, archive, restore } = declared;

  @Injectable()
  class Routes {
    constructor(
      readonly commands: CommandBus,
      readonly queries: QueryBus,
    ) {}

    @Get(path)
    @Operation({ summary: get.summary, at, answers: get.answers, codes: get.codes ?? [] })
    async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<Details> {
      return this.queries.execute(new get.message(actor, id));
    }

    @Patch(path)
    @Operation({
      summary: edit.summary,
      needs: edit.needs,
      at,
      answers: view,
      codes: ['scope-archived', 'scope-changed', 'too-many-conflicts'],
    })
    async edit(@Actor() actor: string, @Param('id', uuidPipe) id: string, @BodyOf(edit.dto) dto: Dto): Promise<View> {
      return this.commands.execute(new edit.message(actor, id, dto));
    }

    @Post(`${path}/archive`)
    @Operation({
      summary: archive.summary,
      needs: archive.needs,
      at,
      answers: view,
      codes: ['scope-archived', 'too-many-conflicts'],
      idempotent: true,
    })
    async archive(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<View> {
      return this.commands.execute(new archive.message(actor, id));
    }

    @Post(`${path}/restore`)
    @Operation({
      summary: `Restore an archived ${at}`,
      description: 'Super-admins only.',
      at,
      answers: view,
      codes: ['forbidden', ...(restore.codes ?? []), 'too-many-conflicts'],
      whileArchived: true,
      idempotent: true,
    })
    async restore(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<View> {
      return this.commands.execute(new restore.message(actor, id));
    }
  }
  return Routes;
}
