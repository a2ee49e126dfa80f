import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { MAX_LIMIT, type Page } from '../../../shared/http/lists/pagination.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { ListGroupNetwork, NetworkDto, type NetworkPerson } from '../../groups/groups.contract.js';
import { badFields, checked } from '../forms.js';

/** A search shows so many people. Who is not among them is found by more letters. */
const MAX_FOUND = 20;

/** A text that nobody's name can hold finds nobody. */
const NOBODY: Page<NetworkPerson> = { items: [], nextCursor: null };

/** A person whom the visitor may pick, and whether they did. */
interface Pickable extends NetworkPerson {
  isPicked: boolean;
}

/** What the form shows of a group's network: people who are picked come first. */
interface Network {
  q: string;
  people: Pickable[];
  picked: number;
  /** Whether the search found more people than the form shows. */
  hasMore: boolean;
}

/** Finds the people whom the visitor may add to a group without typing their addresses. */
@Injectable()
export class NetworkPicker {
  constructor(private readonly queries: QueryBus) {}

  /** @returns null for visitors who may invite by address alone */
  async of(viewer: string, groupId: string, q: string, picks: readonly string[]): Promise<Network | null> {
    const isText = q === '' || (await badFields(NetworkDto, { q })).length === 0;
    try {
      const [picked, found] = await Promise.all([
        this.listed(viewer, groupId, { limit: MAX_LIMIT }, picks),
        isText ? this.listed(viewer, groupId, { limit: MAX_FOUND, q }) : NOBODY,
      ]);
      const chosen = new Set(picked.items.map(({ personId }) => personId));
      const others = found.items.filter(({ personId }) => !chosen.has(personId));
      return {
        q,
        people: [
          ...picked.items.map(({ ...person }) => ({ ...person, isPicked: true })),
          ...others.map(({ ...person }) => ({ ...person, isPicked: false })),
        ],
        picked: chosen.size,
        hasMore: found.nextCursor !== null,
      };
    } catch (error) {
      if (error instanceof RuleBroken && error.code === 'forbidden') return null;
      throw error;
    }
  }

  private async listed(viewer: string, groupId: string, fields: object, only?: readonly string[]) {
    return this.queries.execute(new ListGroupNetwork(viewer, groupId, await checked(NetworkDto, fields), only));
  }
}
