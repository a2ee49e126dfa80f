import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { onTheBeat } from '../../../shared/http/beat.js';
import { FIELD_MESSAGES } from '../../../shared/http/field-messages.js';
import { normaliseEmail, type EmailAddress } from '../../../shared/mail/email-address.js';
import type { Locale } from '../../../shared/mail/texts.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { sealField } from '../../../shared/crypto/sealing.js';
import { CommandHandling } from '../../../shared/event-sourcing/command-handling.js';
import { Clock } from '../../../shared/time/clock.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { type KnownPerson, People } from '../../people/people.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import { Sessions, type SignInPlace } from '../sessions.js';
import { addressFrom, requestChange } from './address.js';
import { AddressLimits } from './address-limits.js';

/** A signed-in person asks for another address. */
export class RequestAddressChange extends Command<void> {
  constructor(
    readonly personId: string,
    readonly email: string,
    readonly password: string,
    readonly locale: Locale,
    readonly place: SignInPlace,
  ) {
    super();
  }
}

/** Longer than any case takes. So the time of an answer doesn't reveal whether mails to an address are limited. */
const BEAT_MS = 300;

/**
 * Records the request, and looks nobody up: every address takes the same statements. The composer of the mail finds out
 * whose the address is.
 */
@CommandHandler(RequestAddressChange)
export class RequestAddressChangeHandler implements ICommandHandler<RequestAddressChange> {
  constructor(
    private readonly people: People,
    private readonly sessions: Sessions,
    private readonly limits: AddressLimits,
    private readonly commandHandling: CommandHandling,
    private readonly clock: Clock,
  ) {}

  async execute({ personId, email, password, locale, place }: RequestAddressChange): Promise<void> {
    const address = normaliseEmail(email);
    if (!address)
      throw new RuleBroken('invalid-input', { errors: [{ field: 'email', message: FIELD_MESSAGES.email }] });
    const person = (await this.people.getByIds([personId])).get(personId);
    if (!person) throw new RuleBroken('unauthenticated');
    await this.sessions.mustKnowPassword(person, password, place);
    await this.limits.countPerson(personId);
    await onTheBeat(BEAT_MS, async () => this.record(person, address, locale));
  }

  private async record(person: KnownPerson, address: EmailAddress, locale: Locale): Promise<void> {
    if (!(await this.limits.mayMail(address))) return;
    const stream = personStream(person.personId);
    await this.commandHandling.decideAlone(
      stream,
      { actor: person.personId, scope: PLATFORM, organisationId: null },
      (history, idOf) => {
        const sealed = sealField(person, { stream, eventId: idOf(0), field: 'address' }, address);
        return requestChange(addressFrom(history), sealed, locale, this.clock.now());
      },
    );
    this.commandHandling.appends.mustNotFail();
  }
}
