import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { onTheBeat } from '../../../shared/http/beat.js';
import { FIELD_MESSAGES } from '../../../shared/http/field-messages.js';
import { normaliseEmail, type EmailAddress } from '../../../shared/mail/email-address.js';
import type { Locale } from '../../../shared/mail/texts.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { CommandHandling, SYSTEM } from '../../../shared/event-sourcing/command-handling.js';
import { Clock } from '../../../shared/time/clock.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { People } from '../../people/people.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import { NO_PERSON } from '../accounts.js';
import { passwordFrom, requestReset } from './password.js';
import { PasswordResetLimits } from './password-reset-limits.js';

/** Somebody asks for a mail to this address. `origin` is as `originOf` makes it. */
export class RequestPasswordReset extends Command<void> {
  constructor(
    readonly email: string,
    readonly locale: Locale,
    readonly origin: string,
  ) {
    super();
  }
}

/** Longer than any case takes. So the time of an answer doesn't reveal whether an address is known. */
const BEAT_MS = 300;

/** Records a request for each known address, and answers alike for every address. The mail follows from the event. */
@CommandHandler(RequestPasswordReset)
export class RequestPasswordResetHandler implements ICommandHandler<RequestPasswordReset> {
  constructor(
    private readonly people: People,
    private readonly limits: PasswordResetLimits,
    private readonly commandHandling: CommandHandling,
    private readonly clock: Clock,
  ) {}

  async execute({ email, locale, origin }: RequestPasswordReset): Promise<void> {
    const address = normaliseEmail(email);
    if (!address)
      throw new RuleBroken('invalid-input', { errors: [{ field: 'email', message: FIELD_MESSAGES.email }] });
    await this.limits.countOrigin(origin);
    await onTheBeat(BEAT_MS, async () => this.record(address, locale));
  }

  private async record(address: EmailAddress, locale: Locale): Promise<void> {
    if (!(await this.limits.mayMail(address))) return;
    const person = (await this.people.find([address])).get(address);
    // A stream is read for an unknown address too, so that only the append differs, which the beat hides.
    await this.commandHandling.decideAlone(
      personStream(person?.personId ?? NO_PERSON.personId),
      { actor: SYSTEM, scope: PLATFORM, organisationId: null },
      (history) => (person ? requestReset(passwordFrom(history), locale, this.clock.now()) : []),
    );
    this.commandHandling.appends.mustNotFail();
  }
}
