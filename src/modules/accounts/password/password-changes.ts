import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { CommandHandling, type Decide } from '../../../shared/event-sourcing/command-handling.js';
import { EventStoreUnavailable } from '../../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import { Accounts } from '../accounts.js';
import type { SessionEnd } from '../sessions/session.events.js';
import { SessionRegister } from '../sessions/session-register.js';
import { changePassword, passwordFrom, type PasswordState } from './password.js';
import type { PasswordChangeReason } from './password.events.js';
import { type PendingPassword, PendingPasswords } from './pending-passwords.js';

export interface PasswordChange {
  personId: string;
  passwordHash: string;
  how: PasswordChangeReason;
  /** The personId of who changes it, or `SYSTEM`. */
  actor: string;
  /** Id of the session that stays; all others end. */
  keepSession: string | null;
  /** Refuses by throwing, on the person's stream as it is when the change is stored. */
  mustBeAllowed?: (state: PasswordState) => void;
  /** The domain events that the same append stores before PasswordChanged. May refuse by throwing. */
  before?: Decide;
}

const SESSION_ENDS: Readonly<Record<PasswordChangeReason, SessionEnd>> = {
  changed: 'password-changed',
  reset: 'password-reset',
  operator: 'password-reset',
  'address-undone': 'address-undone',
};

/**
 * Changes passwords. The new one waits beside the old one until PasswordChanged is stored, and the stream decides which
 * of the two holds. So a crash at any moment leaves one password and an event that says so.
 */
@Injectable()
export class PasswordChanges {
  constructor(
    private readonly accounts: Accounts,
    private readonly waiting: PendingPasswords,
    private readonly commandHandling: CommandHandling,
    private readonly register: SessionRegister,
  ) {}

  /**
   * @throws RuleBroken `not-found` when the person has no account, `too-many-conflicts` while another change of theirs
   * is under way, and what `mustBeAllowed` and `before` throw
   */
  async change(change: PasswordChange): Promise<void> {
    const { personId, passwordHash, how, actor, keepSession, mustBeAllowed, before } = change;
    const pending: PendingPassword = {
      changeId: randomUUID(),
      personId,
      passwordHash,
      keepSession,
      endSessions: SESSION_ENDS[how],
    };
    if ((await this.accounts.passwordOf(personId)) === null) throw new RuleBroken('not-found');
    await this.waiting.resolve(personId);
    if (!(await this.waiting.hold(pending))) throw new RuleBroken('too-many-conflicts', { retryAfter: 1 });
    const decide: Decide = async (history, idOf) => {
      mustBeAllowed?.(passwordFrom(history));
      return [...((await before?.(history, idOf)) ?? []), ...changePassword(how, pending.changeId)];
    };
    try {
      await this.commandHandling.decideAlone(
        personStream(personId),
        { actor, scope: PLATFORM, organisationId: null },
        decide,
      );
    } catch (error) {
      // The change may still get stored, so the new password goes on waiting for it.
      if (!(error instanceof EventStoreUnavailable)) await this.waiting.drop(pending);
      throw error;
    }
    await this.waiting.apply(pending);
    await this.register.finishEnding(personId, actor);
  }
}
