import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { People } from '../../people/people.contract.js';
import { PasswordResetLinks } from './password-reset-links.js';

export interface PasswordResetView {
  /** Address of the account, for password managers. */
  email: string;
  expiresAt: string;
}

/** What a mailed link to a new password opens. Changes nothing. */
export class ReadPasswordReset extends Query<PasswordResetView> {
  constructor(readonly token: string) {
    super();
  }
}

@QueryHandler(ReadPasswordReset)
export class ReadPasswordResetHandler implements IQueryHandler<ReadPasswordReset> {
  constructor(
    private readonly links: PasswordResetLinks,
    private readonly people: People,
  ) {}

  async execute({ token }: ReadPasswordReset): Promise<PasswordResetView> {
    const { personId, request } = await this.links.open(token);
    const person = (await this.people.getByIds([personId])).get(personId);
    if (!person) throw new RuleBroken('password-reset-not-found');
    return { email: person.email, expiresAt: request.expiresAt };
  }
}
