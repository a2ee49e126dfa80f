import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { PLATFORM, type ScopeRef } from '../../access/access.domain.contract.js';

/** The paths of a page that organisations, deployments and the platform have. */
export function inEachPlace(segment: string): string[] {
  return ['organisations/:id', 'deployments/:id', 'platform'].map((place) => `portal/${place}/${segment}`);
}

/** The paths of a page that organisations and deployments have. */
export function inOrganisationsAndDeployments(segment: string): string[] {
  return ['organisations/:id', 'deployments/:id'].map((place) => `portal/${place}/${segment}`);
}

/** The path of a page that groups have. */
export function inGroup(segment: string): string {
  return `portal/groups/:id/${segment}`;
}

/**
 * The thing that a page's path names.
 * @throws RuleBroken `not-found` for an id that is none, and for a thing of another place
 */
export async function inPlace<Thing extends { scope: { id: string } }>(
  { id: placeId }: ScopeRef,
  id: string,
  find: (id: string) => Promise<Thing>,
): Promise<Thing> {
  if (!isUUID(id)) throw new RuleBroken('not-found');
  const thing = await find(id);
  if (thing.scope.id !== placeId) throw new RuleBroken('not-found');
  return thing;
}

/** The place in the path of a page of `inEachPlace`, or a group. Throws RuleBroken `not-found` for an id that is none. */
export const At = createParamDecorator((_: unknown, context: ExecutionContext): ScopeRef => {
  const { routeOptions, params } = context.switchToHttp().getRequest<FastifyRequest>();
  const path = routeOptions.url ?? '';
  if (path.startsWith('/portal/platform/')) return PLATFORM;
  const { id } = params as { id?: string };
  if (id === undefined || !isUUID(id)) throw new RuleBroken('not-found');
  const [, kind = 'deployment'] = /^\/portal\/(organisation|group)s\//.exec(path) ?? [];
  return { kind: kind as ScopeRef['kind'], id: id.toLowerCase() };
});
