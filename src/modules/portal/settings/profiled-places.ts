import { Injectable } from '@nestjs/common';
import { type Command, CommandBus, QueryBus } from '@nestjs/cqrs';
import type { FastifyRequest } from 'fastify';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Authorization } from '../../access/access.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import {
  ArchiveDeployment,
  EditDeployment,
  EditDeploymentDto,
  GetDeployment,
  RestoreDeployment,
} from '../../deployments/deployments.contract.js';
import {
  ArchiveOrganisation,
  EditOrganisation,
  EditOrganisationDto,
  GetOrganisation,
  RestoreOrganisation,
} from '../../organisations/organisations.contract.js';
import { mustBeValid } from '../forms.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import type { PageOptions } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { pathOf, placeView, type PlaceView } from '../shell/place.js';
import { type PlaceRights, type ProfiledKind, rightsIn } from './place-rights.js';
import type { Profile } from './profile-form.js';

type AboutOne = new (actor: string, id: string) => Command<unknown>;

const COMMANDS: Readonly<Record<ProfiledKind, Record<'archive' | 'restore', AboutOne>>> = {
  organisation: { archive: ArchiveOrganisation, restore: RestoreOrganisation },
  deployment: { archive: ArchiveDeployment, restore: RestoreDeployment },
};

/** What the pages about the settings of an organisation or a deployment share. */
export interface ProfiledPlace {
  kind: ProfiledKind;
  id: string;
  /** The path of its settings. */
  path: string;
  place: PlaceView;
  /** What the visitor may do there at this moment. */
  rights: PlaceRights;
  options: PageOptions;
}

/** Reads and changes the settings of organisations and deployments, by the queries and commands of the API. */
@Injectable()
export class ProfiledPlaces {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly authorization: Authorization,
    private readonly navigation: Navigation,
    private readonly writes: OwnWrites,
  ) {}

  /** @throws RuleBroken `not-found`, and `forbidden` for visitors who may change nothing there */
  async at(viewer: string, ref: ScopeRef, request: FastifyRequest): Promise<ProfiledPlace> {
    const kind = profiled(ref);
    const path = `${pathOf(ref)}/settings`;
    const [{ scope, effectivePermissions }, nav] = await Promise.all([
      this.authorization.requireInsider(viewer, ref),
      this.navigation.of(viewer, path, ref),
    ]);
    const { edit, archive, restore } = rightsIn(kind, effectivePermissions);
    if (!edit && !archive && !restore) throw new RuleBroken('forbidden');
    const isOpen = !scope.archived;
    const isShutAbove = scope.archived && (await this.isArchivedAbove(viewer, ref, scope.organisation?.id));
    return {
      kind,
      id: ref.id,
      path,
      place: placeView(scope),
      rights: { edit: edit && isOpen, archive: archive && isOpen, restore: restore && !isOpen && !isShutAbove },
      options: { locale: localeOf(request), nav },
    };
  }

  /** @throws RuleBroken `not-found` */
  async read(viewer: string, { kind, id }: ProfiledPlace): Promise<{ profile: Profile; version: number }> {
    const profile =
      kind === 'organisation'
        ? await this.queries.execute(new GetOrganisation(viewer, id))
        : await this.queries.execute(new GetDeployment(viewer, id));
    return { profile, version: profile.version ?? 1 };
  }

  /** @param body as the API takes it @throws RuleBroken `invalid-input`, and what the command throws */
  async edit(viewer: string, { kind, id }: ProfiledPlace, body: object): Promise<void> {
    if (kind === 'organisation')
      await this.commands.execute(new EditOrganisation(viewer, id, await mustBeValid(EditOrganisationDto, body)));
    else await this.commands.execute(new EditDeployment(viewer, id, await mustBeValid(EditDeploymentDto, body)));
    await this.writes.shown();
  }

  /** @throws RuleBroken as the command */
  async change(viewer: string, ref: ScopeRef, what: 'archive' | 'restore'): Promise<void> {
    await this.commands.execute(new COMMANDS[profiled(ref)][what](viewer, ref.id));
    await this.writes.shown();
  }

  private async isArchivedAbove(viewer: string, { kind }: ScopeRef, organisationId = ''): Promise<boolean> {
    if (kind === 'organisation') return false;
    const { scope } = await this.authorization.evaluate(viewer, { kind: 'organisation', id: organisationId });
    return scope.archived;
  }
}

/** @throws RuleBroken `not-found` for a place without a profile */
function profiled({ kind }: ScopeRef): ProfiledKind {
  if (kind !== 'organisation' && kind !== 'deployment') throw new RuleBroken('not-found');
  return kind;
}
