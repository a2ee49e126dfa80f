import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ProjectionRunner } from '../../../shared/projections/projection-runner.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { AccountClosings, Sessions, type SignInPlace } from '../../accounts/accounts.contract.js';
import { OwnPlaces } from '../../invitations/invitations.contract.js';
import { People } from '../../people/people.contract.js';
import { Leaving } from './leaving.js';

/** Between two turns the person accepted another invitation. */
const MAX_TURNS = 5;

/** Closes the signed-in person's account. They leave every place first. The result is the Set-Cookie header values. */
export class CloseAccount extends Command<string[]> {
  constructor(
    readonly personId: string,
    readonly password: string,
    readonly place: SignInPlace,
  ) {
    super();
  }
}

/**
 * Checks the password, finds out whether a rule refuses, leaves every place, stores AccountClosed and removes the
 * account. A call after a crash finishes the work. Source: ADR 0046
 */
@CommandHandler(CloseAccount)
export class CloseAccountHandler implements ICommandHandler<CloseAccount> {
  constructor(
    private readonly people: People,
    private readonly sessions: Sessions,
    private readonly closings: AccountClosings,
    private readonly places: OwnPlaces,
    private readonly leaving: Leaving,
    private readonly projections: ProjectionRunner,
  ) {}

  async execute({ personId, password, place }: CloseAccount): Promise<string[]> {
    const person = (await this.people.getByIds([personId])).get(personId);
    if (!person) throw new RuleBroken('unauthenticated');
    const cookies = this.sessions.forget(person, place.cookie);
    // An account whose closing is stored has no password left to check.
    if (await this.closings.resolve(personId)) return cookies;
    await this.sessions.mustKnowPassword(person, password, place);
    // Read models list the places, and one that lags would hide a place.
    await this.projections.mustCatchUp();
    const [obstacle] = await this.leaving.obstacles(personId);
    if (obstacle) throw obstacle.refusal;
    await this.leaveAndClose(personId);
    return cookies;
  }

  private async leaveAndClose(personId: string): Promise<void> {
    const closing = await this.closings.begin(personId);
    if (!closing) return;
    const left = new Set<string>();
    try {
      for (let turn = 0; turn < MAX_TURNS; turn += 1) {
        const hidden = await this.leaving.leaveAll(personId, left, turn);
        const isClosed = await this.closings.close(closing, async (reads) =>
          (await this.places.heldBy(personId, reads)).every(({ stream }) => hidden.has(stream)),
        );
        if (isClosed) return;
      }
      throw new RuleBroken('too-many-conflicts', { retryAfter: 1 });
    } catch (error) {
      if (error instanceof RuleBroken) await this.closings.giveUp(closing);
      throw error;
    }
  }
}
