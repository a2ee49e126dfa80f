import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { DEFAULT_LIMIT, type Page } from '../../../shared/http/lists/pagination.js';
import { type ScopeListDto, Scopes } from '../../access/access.contract.js';
import { PLATFORM, type ScopeRef } from '../../access/access.domain.contract.js';
import { ListDeployments } from '../../deployments/deployments.contract.js';
import { ListOwnGuestPlaces } from '../../invitations/invitations.contract.js';
import { ListOrganisations } from '../../organisations/organisations.contract.js';
import { ListOwnMemberships } from '../../staff/staff.contract.js';
import { placeView, type PlaceView } from './place.js';

/** The frame lists so many places. A search finds all others. */
const MAX_LISTED = 7;
/** A search shows so many deployments of one organisation. */
const MAX_FOUND_WITHIN = 20;

/** The places in which a person holds a role or is a guest, and those below and above that they may see. */
@Injectable()
export class VisiblePlaces {
  constructor(
    private readonly queries: QueryBus,
    private readonly scopes: Scopes,
  ) {}

  /** The first of a person's own places: organisations and deployments, oldest first, and then the platform. */
  async of(viewer: string): Promise<PlaceView[]> {
    return this.loaded((await this.refsOf(viewer)).slice(0, MAX_LISTED));
  }

  /** The places whose name contains the text. @throws RuleBroken `invalid-input` for an invalid cursor */
  async find(viewer: string, dto: ScopeListDto): Promise<Page<PlaceView>> {
    const organisations = await this.queries.execute(new ListOrganisations(viewer, dto));
    const found = organisations.items.map(({ id, name, archived }) =>
      placeView({ kind: 'organisation', id, name, organisation: null, archived }),
    );
    const deployments = dto.cursor === undefined ? await this.deploymentsNamed(viewer, dto.q ?? '') : [];
    const items = [...new Map([...found, ...deployments].map((place) => [place.id, place])).values()];
    return { items, nextCursor: organisations.nextCursor };
  }

  /** The person's own deployments, and with a text also those below their organisations. */
  private async deploymentsNamed(viewer: string, q: string): Promise<PlaceView[]> {
    const text = q.trim().normalize('NFC').toLowerCase();
    const refs = await this.refsOf(viewer);
    const own = (await this.loaded(refs.slice(0, DEFAULT_LIMIT))).filter(
      ({ kind, name }) => kind === 'deployment' && (name ?? '').toLowerCase().includes(text),
    );
    if (text === '') return own;
    const above = (await this.loaded(refs.filter(({ kind }) => kind === 'organisation').slice(0, MAX_LISTED))).map(
      async ({ id, name }) => {
        const { items } = await this.queries.execute(new ListDeployments(viewer, id, { q, limit: MAX_FOUND_WITHIN }));
        return items.map((item) =>
          placeView({
            kind: 'deployment',
            id: item.id,
            name: item.name,
            archived: item.archived,
            organisation: { id, name: name ?? '' },
          }),
        );
      },
    );
    return [...own, ...(await Promise.all(above)).flat()];
  }

  private async refsOf(viewer: string): Promise<ScopeRef[]> {
    const [memberships, guestOf] = await Promise.all([
      this.queries.execute(new ListOwnMemberships(viewer)),
      this.queries.execute(new ListOwnGuestPlaces(viewer)),
    ]);
    const refs = [...memberships, ...guestOf].map(({ scope: { kind, id } }): ScopeRef => ({ kind, id }));
    return [...refs.filter(({ id }) => id !== PLATFORM.id), ...refs.filter(({ id }) => id === PLATFORM.id)];
  }

  private async loaded(refs: readonly ScopeRef[]): Promise<PlaceView[]> {
    return [...(await this.scopes.loadAll(refs)).values()].map(placeView);
  }
}
