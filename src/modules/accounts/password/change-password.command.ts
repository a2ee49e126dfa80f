import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { People } from '../../people/people.contract.js';
import { Accounts } from '../accounts.js';
import { faultOf, passwordError } from '../new-password.js';
import { Sessions, type SignInPlace } from '../sessions.js';
import { PasswordChanges } from './password-changes.js';

/** Replaces the signed-in person's password, and ends their other sessions. */
export class ChangePassword extends Command<void> {
  constructor(
    readonly personId: string,
    readonly sessionId: string | null,
    readonly currentPassword: string,
    readonly password: string,
    readonly place: SignInPlace,
  ) {
    super();
  }
}

@CommandHandler(ChangePassword)
export class ChangePasswordHandler implements ICommandHandler<ChangePassword> {
  constructor(
    private readonly people: People,
    private readonly sessions: Sessions,
    private readonly accounts: Accounts,
    private readonly changes: PasswordChanges,
  ) {}

  async execute({ personId, sessionId, currentPassword, password, place }: ChangePassword): Promise<void> {
    const person = (await this.people.getByIds([personId])).get(personId);
    if (!person) throw new RuleBroken('unauthenticated');
    const fault = faultOf(password, person.email);
    if (fault) throw new RuleBroken('invalid-input', { errors: [passwordError(fault)] });
    await this.sessions.mustKnowPassword(person, currentPassword, place);
    await this.changes.change({
      personId,
      passwordHash: await this.accounts.hashPassword(password),
      how: 'changed',
      actor: personId,
      keepSession: sessionId,
    });
  }
}
