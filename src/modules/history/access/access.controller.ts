import { Controller, Get, Query, type Type } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { SCOPE_KINDS, type ScopeKind } from '../../access/access.domain.contract.js';
import { pathUnder, ScopeId, scopeName } from '../../access/access.routes.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import {
  AccessChangesDto,
  AccessDiffDto,
  AccessDiffPage,
  AccessListDto,
  AccessPage,
  AccessStepsPage,
} from './access.dto.js';
import { DiffAccess } from './diff-access.query.js';
import { ListAccess } from './list-access.query.js';
import { ListAccessSteps } from '../steps/list-access-steps.query.js';

/** Who held what in a scope at an instant, and what changed between two. */
function accessRoutes(kind: ScopeKind): Type {
  const needs = kind === 'group' ? undefined : 'audit.view';
  const codes = kind === 'group' ? (['forbidden'] as const) : [];

  @ApiTags('History')
  @Controller('v1')
  class Routes {
    constructor(private readonly queries: QueryBus) {}

    @Get(pathUnder(kind, 'access'))
    @Operation({
      id: `accessOf${named(kind)}`,
      summary: `List who held what ${scopeName(kind)} at an instant`,
      description: 'Roles are named and defined as they were then. All pages are of one instant.',
      needs,
      at: kind,
      answers: AccessPage,
      codes,
    })
    async list(@Actor() actor: string, @ScopeId(kind) id: string, @Query() filter: AccessListDto): Promise<AccessPage> {
      return this.queries.execute(new ListAccess(actor, { kind, id }, filter));
    }

    @Get(pathUnder(kind, 'access/diff'))
    @Operation({
      id: `accessDiffOf${named(kind)}`,
      summary: `List what changed ${scopeName(kind)} in who held what between two instants`,
      needs,
      at: kind,
      answers: AccessDiffPage,
      codes,
    })
    async diff(
      @Actor() actor: string,
      @ScopeId(kind) id: string,
      @Query() between: AccessDiffDto,
    ): Promise<AccessDiffPage> {
      return this.queries.execute(new DiffAccess(actor, { kind, id }, between));
    }

    @Get(pathUnder(kind, 'access/changes'))
    @Operation({
      id: `accessChangesOf${named(kind)}`,
      summary: `List how what one person might do ${scopeName(kind)} changed over time`,
      description:
        'Each step is an entry that changed what one membership allowed, the earliest first. A page has at most 200 steps.',
      needs,
      at: kind,
      answers: AccessStepsPage,
      codes,
    })
    async changes(
      @Actor() actor: string,
      @ScopeId(kind) id: string,
      @Query() asked: AccessChangesDto,
    ): Promise<AccessStepsPage> {
      return this.queries.execute(new ListAccessSteps(actor, { kind, id }, asked));
    }
  }
  return Object.defineProperty(Routes, 'name', { value: `AccessOf${named(kind)}Routes` });
}

function named(kind: ScopeKind): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

export const ACCESS_ROUTES: readonly Type[] = SCOPE_KINDS.map(accessRoutes);
