import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { People } from '../../people/people.contract.js';
import { Accounts } from '../accounts.js';
import { faultOf, passwordError } from '../new-password.js';
import { PasswordChanges } from './password-changes.js';
import { PasswordResetLinks } from './password-reset-links.js';

/** Sets a new password by a mailed link, and ends all sessions of the person. Signs nobody in. */
export class ResetPassword extends Command<void> {
  constructor(
    readonly token: string,
    readonly password: string,
  ) {
    super();
  }
}

@CommandHandler(ResetPassword)
export class ResetPasswordHandler implements ICommandHandler<ResetPassword> {
  constructor(
    private readonly links: PasswordResetLinks,
    private readonly people: People,
    private readonly accounts: Accounts,
    private readonly changes: PasswordChanges,
  ) {}

  async execute({ token, password }: ResetPassword): Promise<void> {
    const { personId, request } = await this.links.open(token);
    const person = (await this.people.getByIds([personId])).get(personId);
    if (!person || !(await this.accounts.exists(personId))) throw new RuleBroken('password-reset-not-found');
    const fault = faultOf(password, person.email);
    if (fault) throw new RuleBroken('invalid-input', { errors: [passwordError(fault)] });
    await this.changes.change({
      personId,
      passwordHash: await this.accounts.hashPassword(password),
      how: 'reset',
      actor: personId,
      keepSession: null,
      mustBeAllowed: (state) => this.links.usable(state, request.issue),
    });
  }
}
