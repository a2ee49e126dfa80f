import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import { RuleBroken } from '../problems/problem-codes.js';
import { FIELD_MESSAGES } from './field-messages.js';

/**
 * Refuses a write with input that its route ignores. Otherwise `?dryRun=true` in the address would send mail, and a
 * reason would be lost.
 * Routes with a DTO leave this to validation. Reads pass, because other systems attach parameters to links.
 */
@Injectable()
export class UnexpectedInputGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { method, routeOptions, query, body } = context.switchToHttp().getRequest<FastifyRequest>();
    if (method === 'GET' || method === 'HEAD' || !routeOptions.url?.startsWith('/v1/')) return true;
    const ignoredOf = (kind: RouteParamtypes, value: unknown): string[] => {
      const names = namesIn(value);
      if (names.length === 0) return names;
      const parameters = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) as
        Record<string, unknown> | undefined;
      return Object.keys(parameters ?? {}).some((key) => key.startsWith(`${String(kind)}:`)) ? [] : names;
    };
    const ignored = [...ignoredOf(RouteParamtypes.QUERY, query), ...ignoredOf(RouteParamtypes.BODY, body)];
    if (ignored.length > 0)
      throw new RuleBroken('invalid-input', {
        errors: ignored.map((field) => ({ field, message: FIELD_MESSAGES.unknown })),
      });
    return true;
  }
}

function namesIn(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}
