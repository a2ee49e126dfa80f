import type { INestApplication } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { InvitationPolicies } from '../modules/invitations/policy/invitation-policy.js';
import { PROBLEM_CODES } from '../shared/http/answers-with.js';
import { ProblemCatalogue } from '../shared/problems/problem-catalogue.js';
import { ProcessManagerRunner } from '../shared/process-managers/process-manager-runner.js';
import { ProjectionRunner } from '../shared/projections/projection-runner.js';
import { RegistrationFailed } from '../shared/registration/registration-failed.js';
import { eventShapes } from './event-shapes.js';

/** Once every module has put in what it has. @throws RegistrationFailed for a problem code, an event type or a stream category that is used and not registered */
export function mustBeRegistered(app: INestApplication): void {
  const [problems, { categories, types }] = [app.get(ProblemCatalogue), eventShapes()];
  for (const { route, codes } of routesOf(app))
    for (const code of codes) if (!problems.has(code)) refuse('problem code', code, `the route ${route}`, 'problems');
  for (const { name, handles } of [
    ...app.get(ProjectionRunner).registered,
    ...app.get(ProcessManagerRunner).registered,
  ])
    for (const type of handles)
      if (!Object.hasOwn(types, type)) refuse('event type', type, `the follower ${name}`, 'event-shapes');
  for (const kind of app.get(InvitationPolicies).kinds)
    if (!categories.includes(kind)) refuse('stream category', kind, 'an invitation context', 'event-shapes');
}

function refuse(what: string, name: string, user: string, list: string): never {
  throw new RegistrationFailed(`the ${what} ${name} of ${user} is not registered in src/bootstrap/${list}.ts`);
}

function routesOf(app: INestApplication): { route: string; codes: readonly string[] }[] {
  const modules = [...app.get(ModulesContainer).values()];
  const controllers = new Set(
    modules.flatMap(({ controllers: own }) => [...own.values()].map(({ metatype }) => metatype)),
  );
  return [...controllers].flatMap((controller) => {
    const { name, prototype } = controller as { name: string; prototype: Record<string, object> };
    return new MetadataScanner().getAllMethodNames(prototype).map((method) => ({
      route: `${name}.${method}`,
      codes: (Reflect.getMetadata(PROBLEM_CODES, prototype[method] ?? {}) ?? []) as string[],
    }));
  });
}
