import { Controller, Get, Param, Query, Req, type Type } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { acceptedLocale } from '../../../shared/http/accepted-locale.js';
import { PageDto } from '../../../shared/http/lists/page.dto.js';
import type { Page } from '../../../shared/http/lists/pagination.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { type HistoryEntryView, HistoryPage } from './history.dto.js';
import { ReadOwnHistory } from './read-own-history.query.js';
import { ReadStory } from './read-story.query.js';
import type { StoryOf } from './stories.js';

interface StoryRoute {
  story: StoryOf;
  path: string;
  of: string;
}

const ROUTES: readonly StoryRoute[] = [
  { story: 'staff', path: 'staff', of: 'a staff member' },
  { story: 'patient', path: 'patients', of: 'a patient' },
  { story: 'observer', path: 'observers', of: 'an observer' },
  { story: 'group-member', path: 'group-members', of: 'a member of a group' },
  { story: 'staff-invitation', path: 'staff-invitations', of: 'an invitation of staff' },
  { story: 'patient-invitation', path: 'patient-invitations', of: 'an invitation of a patient' },
  { story: 'observer-invitation', path: 'observer-invitations', of: 'an invitation of an observer' },
  { story: 'group-invitation', path: 'group-invitations', of: 'an invitation to a group' },
  { story: 'role', path: 'roles', of: 'a custom role' },
];

function storyRoute({ story, path, of }: StoryRoute): Type {
  const name = story.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

  @ApiTags('History')
  @Controller('v1')
  class Routes {
    constructor(private readonly queries: QueryBus) {}

    @Get(`${path}/:id/history`)
    @Operation({
      id: `storyOf${name}`,
      summary: `List what happened to ${of}`,
      description:
        'Newest first. For callers who may see it, and for holders of `audit.view` where it is. It outlives its subject.',
      at: story,
      byAlias: story !== 'role',
      answers: HistoryPage,
    })
    async list(
      @Actor() actor: string,
      @Param('id', uuidPipe) id: string,
      @Query() page: PageDto,
      @Req() { headers }: FastifyRequest,
    ): Promise<Page<HistoryEntryView>> {
      return this.queries.execute(new ReadStory(actor, story, id, page, acceptedLocale(headers['accept-language'])));
    }
  }
  return Object.defineProperty(Routes, 'name', { value: `StoryOf${name}Routes` });
}

/** What happened to the caller. */
@ApiTags('History')
@Controller('v1')
class OwnHistoryController {
  constructor(private readonly queries: QueryBus) {}

  @Get('me/history')
  @Operation({
    id: 'ownHistory',
    summary: 'List what happened to you',
    description: 'What was given to you and taken from you, by whom, and your sign-ins. Newest first.',
    answers: HistoryPage,
  })
  async list(
    @Actor() actor: string,
    @Query() page: PageDto,
    @Req() { headers }: FastifyRequest,
  ): Promise<Page<HistoryEntryView>> {
    return this.queries.execute(new ReadOwnHistory(actor, page, acceptedLocale(headers['accept-language'])));
  }
}

export const STORY_ROUTES: readonly Type[] = [...ROUTES.map(storyRoute), OwnHistoryController];
