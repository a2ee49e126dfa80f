import { randomBytes, randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { OWNER_ROLES } from '../modules/access/roles/built-in-roles.js';
import { OwnerGuard, ownershipFrom, ownershipStream } from '../modules/access/owner-guard/owner-guard.js';
import { PLATFORM } from '../modules/access/scope-ref.js';
import { Accounts } from '../modules/accounts/accounts.js';
import { Clock } from '../shared/time/clock.js';
import { CommandHandling, eventId, type DomainEvent, SYSTEM } from '../shared/event-sourcing/command-handling.js';
import { EventStore } from '../shared/event-sourcing/event-store.js';
import { runInContext } from '../shared/request-context/request-context.js';
import { expiryOf } from '../modules/invitations/domain/expiry-windows.js';
import { InvitationPolicies } from '../modules/invitations/policy/invitation-policy.js';
import { invitationOf, membershipStream } from '../modules/invitations/domain/membership-stream.js';
import { normaliseEmail, type EmailAddress } from '../shared/mail/email-address.js';
import { People, type KnownPerson } from '../modules/people/people.js';
import { sealField } from '../shared/crypto/sealing.js';

export interface FirstAdmin {
  email: string;
  password: string;
}

const NAME = 'First Administrator';

/** Makes a password of 120 random bits. */
export function generatePassword(): string {
  return randomBytes(15).toString('base64url');
}

/** Tells whether a super-admin is registered. */
export async function hasSuperAdmin(app: INestApplicationContext): Promise<boolean> {
  const history = await app.get(EventStore).read(ownershipStream(PLATFORM));
  return ownershipFrom(history).owners.size > 0;
}

/**
 * Makes the first super-admin. The system invites them, and the same append accepts the invitation.
 * A second run after a crash sets this password and stores what is missing.
 */
export async function makeSuperAdmin(app: INestApplicationContext, admin: FirstAdmin): Promise<void> {
  const commandId = randomUUID();
  await runInContext({ correlationId: commandId, causationId: commandId, commandId }, async () => {
    const email = normaliseEmail(admin.email) as EmailAddress;
    const person = (await app.get(People).getOrCreate([email])).get(email);
    if (!person) throw new TypeError('the person was not recorded');
    const accounts = app.get(Accounts);
    await accounts.install(person.personId, { name: NAME, passwordHash: await accounts.hashPassword(admin.password) });
    const stream = membershipStream('staff', PLATFORM, person.personId);
    const policy = app.get(InvitationPolicies).of('staff');
    await app
      .get(CommandHandling)
      .decideAlone(stream, { actor: SYSTEM, scope: PLATFORM, organisationId: null }, (history) =>
        policy.isMember(history)
          ? []
          : invitedAndAccepted(person, stream, invitationOf(history).issues.length + 1, app.get(Clock).now()),
      );
    await app
      .get(OwnerGuard)
      .register({ personId: person.personId, stream, scope: PLATFORM, organisationId: null }, SYSTEM, (history) =>
        policy.isMember(history),
      );
  });
}

function invitedAndAccepted(person: KnownPerson, stream: string, issue: number, now: Date): DomainEvent[] {
  const offer = { invitationId: randomUUID(), personId: person.personId, grant: { role: OWNER_ROLES.platform } };
  const name = sealField(person, { stream, eventId: eventId(stream, 1), field: 'name' }, NAME);
  return [
    {
      type: 'InvitationIssued',
      data: { ...offer, issue, window: '24h', expiresAt: expiryOf('24h', now), locale: 'en' },
    },
    { type: 'InvitationAccepted', data: { ...offer, name } },
  ];
}
