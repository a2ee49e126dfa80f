import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { PLATFORM, type ScopeRef } from '../../access/access.domain.contract.js';

/** The paths of a page that organisations, deployments and the platform have. */
export function inEachPlace(segment: string): string[] {
  return ['organisations/:id', 'deployments/:id', 'platform'].map((place) => `portal/${place}/${segment}`);
}

/** The place in the path of a page of `inEachPlace`. Throws RuleBroken `not-found` for an id that is none. */
export const At = createParamDecorator((_: unknown, context: ExecutionContext): ScopeRef => {
  const { routeOptions, params } = context.switchToHttp().getRequest<FastifyRequest>();
  const path = routeOptions.url ?? '';
  if (path.startsWith('/portal/platform/')) return PLATFORM;
  const { id } = params as { id?: string };
  if (id === undefined || !isUUID(id)) throw new RuleBroken('not-found');
  return { kind: path.startsWith('/portal/organisations/') ? 'organisation' : 'deployment', id: id.toLowerCase() };
});
