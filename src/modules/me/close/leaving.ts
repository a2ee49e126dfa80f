import { Injectable } from '@nestjs/common';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { type OwnPlace, OwnPlaces } from '../../invitations/invitations.contract.js';

/** A place that a person can't leave now, and the rule that refuses it. */
export interface Obstacle {
  place: OwnPlace;
  refusal: RuleBroken;
}

/** How a person leaves all their places, in the order of the rules. Source: docs/domain.md §15 */
@Injectable()
export class Leaving {
  constructor(private readonly places: OwnPlaces) {}

  /** The places that the person can't leave now. Changes nothing. */
  async obstacles(personId: string): Promise<Obstacle[]> {
    const held = await this.places.heldBy(personId);
    const obstacles: Obstacle[] = [];
    for (const place of toLeave(held, organisationsLeft(held))) {
      const refusal = await refusalOf(async () => this.places.mustBeAbleToLeave(personId, place));
      if (refusal && !isHidden(refusal)) obstacles.push({ place, refusal });
    }
    return obstacles;
  }

  /**
   * Leaves all places. Group memberships end with the last role in their organisation.
   * @param left organisations that the same command left before; it adds to them
   * @param turn distinguishes it from an earlier turn of the same command
   * @returns the streams of places that the person can't see, such as memberships of deleted groups. They stay
   * @throws RuleBroken when a rule refuses
   */
  async leaveAll(personId: string, left: Set<string>, turn: number): Promise<ReadonlySet<string>> {
    const held = await this.places.heldBy(personId);
    for (const id of organisationsLeft(held)) left.add(id);
    const hidden = new Set<string>();
    for (const place of toLeave(held, left)) {
      const refusal = await refusalOf(async () => this.places.leave(personId, place, turn));
      if (refusal && !isHidden(refusal)) throw refusal;
      if (refusal) hidden.add(place.stream);
    }
    return hidden;
  }
}

/** The organisations in which the person holds a role, which they will hold no longer. */
function organisationsLeft(held: readonly OwnPlace[]): Set<string> {
  return new Set(
    held.flatMap(({ isRole, organisationId }) => (isRole && organisationId !== null ? organisationId : [])),
  );
}

/** The places to leave one by one, roles first: others end with the last role. */
function toLeave(held: readonly OwnPlace[], left: ReadonlySet<string>): OwnPlace[] {
  const others = held.filter(
    ({ isRole, endsWithLastRole, organisationId }) =>
      !isRole && !(endsWithLastRole && organisationId !== null && left.has(organisationId)),
  );
  return [...held.filter(({ isRole }) => isRole), ...others];
}

/** Nobody can leave a place that they can't see, or that ended meanwhile. */
function isHidden({ code }: RuleBroken): boolean {
  return code === 'not-found';
}

async function refusalOf(work: () => Promise<void>): Promise<RuleBroken | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof RuleBroken) return error;
    throw error;
  }
}
