import { Global, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { MetadataScanner, ModuleRef, ModulesContainer } from '@nestjs/core';
import { Database } from '../shared/database/database.js';
import { sql } from 'kysely';
import { InvitationPolicies, InvitationPolicy } from '../modules/invitations/policy/invitation-policy.js';
import { PermissionPolicy } from '../modules/invitations/policy/permission-policy.js';
import type { InvitationType } from '../modules/invitations/types/invitation-type.js';
import { KINDS_ON_PAGES } from '../modules/portal/texts/texts.en.js';
import { PROBLEM_CODES } from '../shared/http/answers-with.js';
import { ProblemCatalogue } from '../shared/problems/problem-catalogue.js';
import { ProcessManagerRunner } from '../shared/process-managers/process-manager-runner.js';
import { ProjectionRunners } from '../shared/projections/projection-runners.js';
import { RegistrationFailed } from '../shared/registration/registration-failed.js';
import { READ_MODELS } from './entities.js';
import { eventShapes } from './event-shapes.js';

/** The application's parts, by their class. */
export interface Parts {
  get<Part>(part: abstract new (...given: never[]) => Part): Part;
}

/**
 * Checks what the modules have registered, after all of them have.
 * @throws RegistrationFailed for a problem code, an event type or a part of an invitation type that is used and not
 * registered
 */
export function mustBeRegistered(parts: Parts): void {
  const [problems, { types }] = [parts.get(ProblemCatalogue), eventShapes()];
  for (const { route, codes } of routesOf(parts.get(ModulesContainer)))
    for (const code of codes) if (!problems.has(code)) refuse('problem code', code, `the route ${route}`, 'problems');
  for (const { name, handles } of [
    ...parts.get(ProjectionRunners).registered,
    ...parts.get(ProcessManagerRunner).registered,
  ])
    for (const type of handles ?? [])
      if (!Object.hasOwn(types, type)) refuse('event type', type, `the follower ${name}`, 'event-shapes');
  mustHaveTypes(parts.get(InvitationPolicies).all.map(({ type }) => type));
}

/** @throws RegistrationFailed for a read model whose table no migration has made */
export async function mustHaveTables(database: Database): Promise<void> {
  const tables = READ_MODELS.map(({ meta }) => String(meta.name));
  const { rows } = await sql<{ name: string }>`
    select name from json_array_elements_text(${JSON.stringify(tables)}::json) as names(name) where to_regclass(name) is null`.execute(
    database.kysely(),
  );
  if (rows[0])
    throw new RegistrationFailed(
      `the table ${rows[0].name} is not made by any migration in src/migrations/migrations.ts`,
    );
}

/** Checks that each invitation type is complete, and that each kind that pages name has a type. */
function mustHaveTypes(types: readonly InvitationType[]): void {
  const [{ categories }, kinds] = [eventShapes(), types.map(({ kind }) => kind)];
  for (const type of types) {
    const { kind } = type;
    if (!categories.includes(kind)) refuse('stream category', kind, `the invitation type ${kind}`, 'invitation-types');
    if (!KINDS_ON_PAGES.includes(kind))
      throw new RegistrationFailed(
        `the texts of pages in src/modules/portal/texts don't name the invitation type ${kind}`,
      );
    const [fault] = faultsOf(type);
    if (fault !== undefined) throw new RegistrationFailed(fault);
  }
  for (const kind of KINDS_ON_PAGES)
    if (!kinds.includes(kind)) refuse('invitation type', kind, 'the texts of pages', 'invitation-types');
}

/**
 * Yields contradictions between two places of one declaration. They are likely, because most declarations begin as a
 * copy of another.
 */
function* faultsOf(type: InvitationType): Generator<string> {
  const { kind, streams, members, policy, permissions, windows, defaultWindow, memberRoutes } = type;
  const { projection, table, scopeColumn, begins = [], ends, owners } = members;
  const of = `of the invitation type ${kind}`;
  for (const event of [...begins, ...ends, ...(owners?.changes ?? [])])
    if (!Object.hasOwn(streams.types, event)) yield `the event type ${event} ${of} is not among its streams`;
  // A read model without its category would list everybody who accepted any invitation.
  const categories = { streams: streams.category, members: members.category, 'read model': projection.category };
  for (const [what, category] of Object.entries(categories))
    if (category !== kind) yield `the category of the ${what} ${of} is ${category ?? 'missing'}`;
  for (const event of ['InvitationAccepted', ...begins, ...ends])
    if (!projection.handles.includes(event)) yield `the read model ${of} doesn't handle the event type ${event}`;
  if (projection.tables[0] !== table.meta.name)
    yield `the read model ${of} fills the table ${String(projection.tables[0])} instead of ${String(table.meta.name)}`;
  if (!Object.hasOwn(table.meta.properties, scopeColumn)) yield `the table ${of} has no column ${scopeColumn}`;
  if (!windows.includes(defaultWindow)) yield `the default window ${defaultWindow} ${of} is not among its windows`;
  const { prototype } = policy as { prototype: InvitationPolicy };
  if (!permissions && prototype instanceof PermissionPolicy)
    yield `the policy ${of} decides by permissions, and it has none`;
  if (memberRoutes.view && prototype.getMember === InvitationPolicy.prototype.getMember)
    yield `the policy ${of} has no getMember for its route`;
}

function refuse(what: string, name: string, user: string, list: string): never {
  throw new RegistrationFailed(`the ${what} ${name} of ${user} is not registered in src/bootstrap/${list}.ts`);
}

function routesOf(container: ModulesContainer): { route: string; codes: readonly string[] }[] {
  const controllers = new Set(
    [...container.values()].flatMap(({ controllers: own }) => [...own.values()].map(({ metatype }) => metatype)),
  );
  return [...controllers].flatMap((controller) => {
    const { name, prototype } = controller as { name: string; prototype: Record<string, object> };
    return new MetadataScanner().getAllMethodNames(prototype).map((method) => ({
      route: `${name}.${method}`,
      codes: (Reflect.getMetadata(PROBLEM_CODES, prototype[method] ?? {}) ?? []) as string[],
    }));
  });
}

/** Refuses a start in which modules don't fit together, before any follower reads the log. */
@Global()
@Module({})
export class RegistrationModule implements OnApplicationBootstrap {
  constructor(
    private readonly parts: ModuleRef,
    private readonly database: Database,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    mustBeRegistered({ get: (part) => this.parts.get(part, { strict: false }) });
    await mustHaveTables(this.database);
  }
}
