import { Controller, Delete, Get, Param, Patch, type Type } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import type { PageDto } from '../../../shared/http/lists/page.dto.js';
import type { CountedPage } from '../../../shared/http/lists/pagination.js';
import { BodyOf, QueryOf } from '../../../shared/http/route-parameters.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { EndMembership } from '../members/end-membership.command.js';
import { GetMember } from '../members/get-member.query.js';
import { ListMembers } from '../members/list-members.query.js';
import type { MemberListCall } from '../members/member-list.js';
import { named } from './invitation-routes.js';
import { withDeployments } from '../lists/within.dto.js';
import type { InvitationType, InvitedPlace, MemberChange } from './invitation-type.js';
import { pathUnder, ScopeId, scopeName } from '../../access/access.routes.contract.js';

/** The routes of a type's members: lists under each scope, and one member. */
export function memberRoutes(type: InvitationType): Type[] {
  const { change, view } = type.memberRoutes;
  return [
    ...type.routes.places.map((place) => listUnder(type, place)),
    ...(view ? [routeToGet(type, view)] : []),
    ...(change ? [routeToChange(type, change)] : []),
    routeToEnd(type),
  ];
}

function listUnder(
  { kind, permissions, memberRoutes: routes }: InvitationType,
  { scope, tag, listsBelow }: InvitedPlace,
): Type {
  const query = listsBelow ? withDeployments(routes.query as Type<PageDto>) : routes.query;
  const id = routes.listIds?.[scope] ?? `${routes.operations}List`;

  @ApiTags(tag ?? routes.tag)
  @Controller('v1')
  class Routes {
    constructor(private readonly queries: QueryBus) {}

    @Get(pathUnder(scope, routes.segment))
    @Operation({
      id,
      summary: `List the ${routes.members} ${scopeName(scope)}`,
      needs: permissions?.view,
      at: scope,
      answers: routes.page,
      codes: routes.codes?.list ?? [],
    })
    async list(
      @Actor() actor: string,
      @ScopeId(scope) scopeId: string,
      @QueryOf(query) dto: MemberListCall['dto'],
    ): Promise<CountedPage<object>> {
      return this.queries.execute(new ListMembers(actor, kind, { kind: scope, id: scopeId }, dto));
    }
  }
  return named(Routes, `${id}Routes`);
}

function routeToGet({ kind, permissions, memberRoutes: routes }: InvitationType, view: Type): Type {
  @ApiTags(routes.tag)
  @Controller('v1')
  class Routes {
    constructor(private readonly queries: QueryBus) {}

    @Get(`${routes.path}/:id`)
    @Operation({
      id: `${routes.operations}Get`,
      summary: 'Get a member',
      needs: permissions?.view,
      at: routes.one,
      answers: view,
    })
    async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<object> {
      return this.queries.execute(new GetMember(actor, kind, id));
    }
  }
  return named(Routes, `${routes.operations}GetRoutes`);
}

function routeToChange({ permissions, memberRoutes: routes }: InvitationType, change: MemberChange): Type {
  const id = `${routes.operations}${change.operation}`;

  @ApiTags(routes.tag)
  @Controller('v1')
  class Routes {
    constructor(private readonly commands: CommandBus) {}

    @Patch(`${routes.path}/:id`)
    @Operation({
      id,
      summary: change.summary,
      description: change.description,
      needs: permissions?.manage,
      at: routes.one,
      answers: change.view,
      codes: [...change.codes, 'own-role', 'last-owner', 'scope-archived', 'too-many-conflicts'],
    })
    async change(
      @Actor() actor: string,
      @Param('id', uuidPipe) membershipId: string,
      @BodyOf(change.body) dto: object,
    ): Promise<object> {
      return this.commands.execute(change.command(actor, membershipId, dto));
    }
  }
  return named(Routes, `${id}Routes`);
}

function routeToEnd({ kind, permissions, memberRoutes: routes }: InvitationType): Type {
  @ApiTags(routes.tag)
  @Controller('v1')
  class Routes {
    constructor(private readonly commands: CommandBus) {}

    @Delete(`${routes.path}/:id`)
    @Operation({
      id: `${routes.operations}End`,
      summary: 'Remove a member, or leave',
      description: 'Leaving needs no permission.',
      needs: permissions?.manage,
      at: routes.one,
      byAlias: routes.byAlias,
      codes: [...(routes.codes?.end ?? []), 'scope-archived', 'too-many-conflicts', 'too-many-requests'],
    })
    async end(
      @Actor() actor: string,
      @Param('id', uuidPipe) id: string,
      @BodyOf(routes.endBody) options: { reason?: string },
    ): Promise<void> {
      await this.commands.execute(new EndMembership(actor, kind, id, options));
    }
  }
  return named(Routes, `${routes.operations}EndRoutes`);
}
