import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { sealField } from '../../../shared/crypto/sealing.js';
import { CommandHandling, type Decide } from '../../../shared/event-sourcing/command-handling.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import type { EmailAddress } from '../../../shared/mail/email-address.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Clock } from '../../../shared/time/clock.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { type KnownPerson, People, PersonAddresses } from '../../people/people.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import { staleBefore } from '../account-rows.js';
import { PasswordChanges } from '../password/password-changes.js';
import {
  addressFrom,
  changeAddress,
  formerAddresses,
  refuseChange,
  undoChange,
  type AddressState,
  type SealedAddress,
} from './address.js';
import { AddressLinks } from './address-links.js';
import { openAddress } from './sealed-address.js';

/**
 * Changes addresses. The new one is held by a row, then the event is stored, then the rows follow the stream. A crash in
 * between leaves the hold, and the stream decides what becomes of it. Source: ADR 0045
 */
@Injectable()
export class AddressChanges {
  constructor(
    private readonly store: EventStore,
    private readonly people: People,
    private readonly addresses: PersonAddresses,
    private readonly commandHandling: CommandHandling,
    private readonly passwords: PasswordChanges,
    private readonly links: AddressLinks,
    private readonly clock: Clock,
  ) {}

  /**
   * Gives the person the address that the request of this issue names.
   * @throws RuleBroken `address-taken` when it means somebody else, who is then told by mail; `too-many-conflicts` while
   * another call uses the same link; and `usableRequest`'s codes
   */
  async confirm(personId: string, issue: number): Promise<void> {
    await this.resolve(personId);
    const person = await this.personOf(personId);
    const to = openAddress(person, this.links.usable(await this.stateOf(personId), issue).address);
    const isHeld = await this.holding(personId, to, async () =>
      this.decide(personId, (history, idOf) => {
        const place = { stream: personStream(personId), eventId: idOf(0) };
        const request = this.links.usable(addressFrom(history), issue);
        // A change since `person` was read would have used the request.
        const from = sealField(person, { ...place, field: 'from' }, person.email);
        return changeAddress(request, { from, to: sealField(person, { ...place, field: 'to' }, to) }, this.clock.now());
      }),
    );
    if (isHeld) return;
    await this.decide(personId, (history) => refuseChange(this.links.usable(addressFrom(history), issue)));
    throw new RuleBroken('address-taken');
  }

  /**
   * Restores the address before the change of this issue, sets a new password, and ends all sessions.
   * @throws RuleBroken `too-many-conflicts`, and `undoableChange`'s codes
   */
  async undo(personId: string, issue: number, passwordHash: string): Promise<void> {
    await this.resolve(personId);
    const person = await this.personOf(personId);
    const address = openAddress(person, this.links.undoable(await this.stateOf(personId), issue).from);
    // Unless it is held, the sweep could end the former address meanwhile.
    const isHeld = await this.holding(personId, address, async () =>
      this.passwords.change({
        personId,
        passwordHash,
        how: 'address-undone',
        actor: personId,
        keepSession: null,
        before: (history, idOf) => {
          const place = { stream: personStream(personId), eventId: idOf(0), field: 'address' };
          return undoChange(this.links.undoable(addressFrom(history), issue), sealField(person, place, address));
        },
      }),
    );
    if (!isHeld) throw new RuleBroken('address-undo-expired');
  }

  /** Settles what crashes left behind, and ends former addresses whose time is over. Runs at the start and by schedule. */
  async sweep(all: boolean): Promise<void> {
    const before = all ? new Date() : staleBefore();
    for (const personId of await this.addresses.heldSinceBefore(before)) await this.resolve(personId, before);
    await this.addresses.endFormer(this.clock.now());
  }

  /** The person, with a key that opens their addresses. @throws RuleBroken `not-found` */
  private async personOf(personId: string): Promise<KnownPerson> {
    const person = (await this.people.getByIds([personId])).get(personId);
    if (!person) throw new RuleBroken('not-found');
    return person;
  }

  private async stateOf(personId: string): Promise<AddressState> {
    return addressFrom(await this.store.read(personStream(personId)));
  }

  private async decide(personId: string, decide: Decide): Promise<void> {
    const eventContext = { actor: personId, scope: PLATFORM, organisationId: null };
    await this.commandHandling.decideAlone(personStream(personId), eventContext, decide);
  }

  /**
   * Holds the address for the time of `work`. After it, the rows are as the stream says.
   * @returns false when the address means somebody else, without any work
   */
  private async holding(personId: string, address: EmailAddress, work: () => Promise<void>): Promise<boolean> {
    const holdId = randomUUID();
    const outcome = await this.addresses.hold(personId, address, holdId);
    if (outcome === 'taken') return false;
    if (outcome === 'busy') throw new RuleBroken('too-many-conflicts', { retryAfter: 1 });
    try {
      await work();
    } catch (error) {
      // After any other error the event may still get stored, so the hold goes on waiting for it.
      if (error instanceof RuleBroken) await this.finish(personId, holdId);
      throw error;
    }
    await this.finish(personId, holdId);
    return true;
  }

  private async finish(personId: string, holdId: string): Promise<void> {
    await this.settle(personId);
    await this.addresses.release(personId, holdId);
  }

  /** Settles what an earlier call left behind. Does nothing about a call that may still be under way. */
  private async resolve(personId: string, before = staleBefore()): Promise<void> {
    await this.settle(personId);
    await this.addresses.releaseHeldBefore(personId, before);
  }

  /** Makes the person's rows as the stream says. */
  private async settle(personId: string): Promise<void> {
    const state = await this.stateOf(personId);
    const person = (await this.people.getByIds([personId])).get(personId);
    if (!state.present || !person) return;
    const open = (address: SealedAddress): EmailAddress => openAddress(person, address);
    const present = open(state.present);
    const former = formerAddresses(state, this.clock.now()).map(({ from, undoUntil }) => ({
      address: open(from),
      until: undoUntil,
    }));
    await this.addresses.settle(personId, {
      present,
      former: former.filter(({ address }) => address !== present),
      changes: state.count,
    });
  }
}
