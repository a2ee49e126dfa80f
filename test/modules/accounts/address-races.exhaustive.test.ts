import { sql } from 'kysely';
import { AccountSweep } from '../../../src/modules/accounts/account-sweep.js';
import { AddressSweep } from '../../../src/modules/accounts/address/address-sweep.js';
import { PersonAddresses } from '../../../src/modules/people/person-addresses.js';
import { CommandHandling } from '../../../src/shared/event-sourcing/command-handling.js';
import { EventStoreUnavailable } from '../../../src/shared/event-sourcing/event-store.js';
import { inRounds, outcomeOf, RACE_ROUNDS } from '../../concurrency/rounds.js';
import { describeOnEngines } from '../../support/engines.js';
import { failOnce, restore } from '../../support/injected-failure.js';
import {
  createOrganisation,
  freshEmail,
  idle,
  invite,
  join,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import { Addresses, NEW_PASSWORD } from './addresses-support.js';

const AT_ONCE = 3;

describeOnEngines(
  'an address that is changed',
  (engine) => {
    let server: TestServer;
    /** Another instance on the same database. An embedded installation has one instance only. */
    let other: TestServer;
    let addresses: Addresses;
    let organisation: Place;
    beforeAll(async () => {
      server = await startTestServer(engine);
      other = engine.name === 'PGlite' ? server : await server.another();
      addresses = new Addresses(server);
      organisation = await createOrganisation(server);
    });
    afterAll(async () => {
      if (other !== server) await other.running.close();
      await server.close();
    });

    type Person = Member & { personId: string };
    const somebody = async (): Promise<Person> => {
      const member = await join(server, organisation, 'contributor');
      return { ...member, personId: await addresses.personIdOf(member.api) };
    };
    /** The token of a link that gives the person the address. */
    const linkFor = async ({ api }: Person, email: string): Promise<string> => {
      const before = addresses.confirmLinks(email).length;
      await addresses.ask(api, email);
      return addresses.confirmLinks(email)[before]!;
    };
    const confirmBy = (anonymous: Api, token: string) => anonymous.post(`/v1/address-changes/${token}`);
    /** Every person has one address of their own, and no address means two. */
    const nobodyIsLost = async (...people: Person[]): Promise<void> => {
      for (const { personId } of people) {
        const address = await addresses.addressOf(personId);
        expect(await addresses.ownerOf(address!)).toBe(personId);
        expect((await addresses.furtherRows(personId)).held).toBe(0);
      }
    };

    describe('at the same moment', () => {
      it(`by two people to one address becomes that of one of them, ${String(RACE_ROUNDS)} times`, async () => {
        await inRounds(RACE_ROUNDS, AT_ONCE, async () => {
          const [one, two] = [await somebody(), await somebody()];
          const wanted = freshEmail('wanted');
          const links = [await linkFor(one, wanted), await linkFor(two, wanted)];
          const answers = await Promise.all([
            confirmBy(server.anonymous, links[0]!),
            confirmBy(other.anonymous, links[1]!),
          ]);
          expect(answers.map(outcomeOf).sort()).toEqual(['204', '409 address-taken']);
          const [winner, loser] = answers[0].status === 204 ? [one, two] : [two, one];
          expect([await addresses.ownerOf(wanted), await addresses.addressOf(loser.personId)]).toEqual([
            winner.personId,
            loser.email,
          ]);
          await nobodyIsLost(one, two);
          expect(await addresses.signsIn(wanted)).toBe(200);
          expect(await addresses.signsIn(loser.email)).toBe(200);
        });
      }, 240_000);

      it(`by one link twice happens once, ${String(RACE_ROUNDS)} times`, async () => {
        await inRounds(RACE_ROUNDS, AT_ONCE, async () => {
          const person = await somebody();
          const wanted = freshEmail('wanted');
          const link = await linkFor(person, wanted);
          const answers = await Promise.all([confirmBy(server.anonymous, link), confirmBy(other.anonymous, link)]);
          const outcomes = answers.map(outcomeOf).sort();
          expect(outcomes[0]).toBe('204');
          expect(['409 too-many-conflicts', '410 address-change-used']).toContain(outcomes[1]);
          expect(
            (await addresses.typesAbout(person.personId)).filter((type) => type === 'AddressChanged'),
          ).toHaveLength(1);
          expect(await addresses.addressOf(person.personId)).toBe(wanted);
          await nobodyIsLost(person);
        });
      }, 240_000);

      it.each([1, 8])(
        `as %i addresses are invited, the new one among them, means one person, ${String(RACE_ROUNDS)} times`,
        async (size) => {
          await inRounds(RACE_ROUNDS, AT_ONCE, async (n) => {
            const person = await somebody();
            const wanted = freshEmail('wanted');
            const link = await linkFor(person, wanted);
            const emails = [...Array.from({ length: size - 1 }, () => freshEmail()), wanted];
            const inviting = async () =>
              other.signedIn(server.admin.token!).post(`${organisation.path}/staff-invitations`, {
                emails: emails.toSorted(),
                role: n % 2 === 0 ? 'contributor' : 'admin',
              });
            const [changed, invited] = await Promise.all([confirmBy(server.anonymous, link), inviting()]);
            expect(invited.status).toBe(201);
            const owner = await addresses.ownerOf(wanted);
            const result = invited.body.results.find(({ email }: { email: string }) => email === wanted);
            if (changed.status === 204) {
              // The person is a member there already.
              expect([owner, result.outcome]).toEqual([person.personId, 'already-member']);
              expect(await addresses.addressOf(person.personId)).toBe(wanted);
            } else {
              expect([outcomeOf(changed), result.outcome]).toEqual(['409 address-taken', 'invited']);
              const issued = (await server.events()).find(
                ({ type, data }) => type === 'InvitationIssued' && data['invitationId'] === result.invitationId,
              );
              expect([owner, owner === person.personId]).toEqual([issued?.data['personId'], false]);
              expect(await addresses.addressOf(person.personId)).toBe(person.email);
            }
            await nobodyIsLost(person);
          });
        },
        240_000,
      );

      it(`as the person who was invited there accepts stays theirs, ${String(RACE_ROUNDS)} times`, async () => {
        await inRounds(RACE_ROUNDS, AT_ONCE, async () => {
          const person = await somebody();
          const wanted = freshEmail('wanted');
          const link = await linkFor(person, wanted);
          const { token } = await invite(server, server.admin, organisation, wanted, 'contributor');
          const [changed, accepted] = await Promise.all([
            confirmBy(server.anonymous, link),
            other.anonymous.post(`/v1/invitations/${token}/accept`, { name: 'Invited', password: NEW_PASSWORD }),
          ]);
          expect([outcomeOf(changed), outcomeOf(accepted)]).toEqual(['409 address-taken', '200']);
          const owner = await addresses.ownerOf(wanted);
          expect(owner).not.toBe(person.personId);
          expect([await addresses.signsIn(wanted, NEW_PASSWORD), await addresses.signsIn(person.email)]).toEqual([
            200, 200,
          ]);
          await nobodyIsLost(person);
        });
      }, 240_000);

      it(`as its person accepts an invitation to the former one loses neither, ${String(RACE_ROUNDS)} times`, async () => {
        const elsewhere = await createOrganisation(server, 'Hillside Clinic');
        await inRounds(RACE_ROUNDS, AT_ONCE, async () => {
          const person = await somebody();
          const wanted = freshEmail('wanted');
          const { token } = await invite(server, server.admin, elsewhere, person.email, 'contributor');
          const link = await linkFor(person, wanted);
          const answers = await Promise.all([
            confirmBy(server.anonymous, link),
            other.signedIn(person.api.token!).post(`/v1/invitations/${token}/accept`, {}),
          ]);
          expect(answers.map(outcomeOf)).toEqual(['204', '200']);
          await idle(server);
          const { body } = await person.api.get('/v1/me').expect(200);
          expect([body.email, body.memberships.length]).toEqual([wanted, 2]);
          await nobodyIsLost(person);
        });
      }, 240_000);

      it(`as a stranger's change is undone ends at the former address, ${String(RACE_ROUNDS)} times`, async () => {
        await inRounds(RACE_ROUNDS, AT_ONCE, async () => {
          const person = await somebody();
          const { undo } = await addresses.change(person.api, person.email);
          const link = await linkFor(person, freshEmail('further'));
          const [undone] = await Promise.all([
            server.anonymous.post(`/v1/address-undos/${undo}`, { password: NEW_PASSWORD }),
            confirmBy(other.anonymous, link),
          ]);
          expect(outcomeOf(undone)).toBe('204');
          expect(await addresses.addressOf(person.personId)).toBe(person.email);
          expect(await addresses.signsIn(person.email, NEW_PASSWORD)).toBe(200);
          await nobodyIsLost(person);
        });
      }, 240_000);
    });

    describe('by a call that a crash ends', () => {
      const crashed = async (): Promise<void> => {
        const db = server.database.kysely();
        await sql`update person set held_at = now() - interval '1 hour' where held_by is not null`.execute(db);
        await sql`update pending_password set started_at = now() - interval '1 hour'`.execute(db);
      };
      const sweep = async (): Promise<void> => {
        for (const instance of [server, other]) {
          await instance.running.app.get(AccountSweep).run();
          await instance.running.app.get(AddressSweep).run();
        }
      };
      const unavailable = { error: new EventStoreUnavailable() };
      afterEach(() => {
        restore(server.running.app.get(CommandHandling), server.running.app.get(PersonAddresses));
      });

      it('before its event is held until the sweep, and can then be confirmed', async () => {
        const [person, rival] = [await somebody(), await somebody()];
        const wanted = freshEmail('wanted');
        const [link, rivals] = [await linkFor(person, wanted), await linkFor(rival, wanted)];
        failOnce(server.running.app.get(CommandHandling), 'decideAlone', 'before', unavailable);
        await confirmBy(server.anonymous, link).expect(503);
        restore(server.running.app.get(CommandHandling));
        expect([await addresses.ownerOf(wanted), await addresses.addressOf(person.personId)]).toEqual([
          person.personId,
          person.email,
        ]);
        expect(outcomeOf(await confirmBy(server.anonymous, rivals))).toBe('409 address-taken');
        expect(outcomeOf(await confirmBy(server.anonymous, link))).toBe('409 too-many-conflicts');
        await sweep();
        expect(await addresses.ownerOf(wanted)).toBe(person.personId);
        await crashed();
        await sweep();
        expect(await addresses.ownerOf(wanted)).toBeNull();
        await confirmBy(server.anonymous, link).expect(204);
        await nobodyIsLost(person, rival);
      });

      it.each(['the sweep', 'a later call'])('after its event is settled by %s', async (by) => {
        const person = await somebody();
        const wanted = freshEmail('wanted');
        const link = await linkFor(person, wanted);
        failOnce(server.running.app.get(PersonAddresses), 'settle', 'before');
        expect((await confirmBy(server.anonymous, link)).status).toBe(500);
        restore(server.running.app.get(PersonAddresses));
        expect([await addresses.ownerOf(wanted), await addresses.ownerOf(person.email)]).toEqual([
          person.personId,
          person.personId,
        ]);
        if (by === 'the sweep') {
          await crashed();
          await sweep();
          expect(await addresses.addressOf(person.personId)).toBe(wanted);
        } else {
          await idle(server);
          await server.anonymous
            .post(`/v1/address-undos/${addresses.undoLinks(person.email)[0]!}`, { password: NEW_PASSWORD })
            .expect(204);
          expect([await addresses.addressOf(person.personId), await addresses.ownerOf(wanted)]).toEqual([
            person.email,
            null,
          ]);
        }
        await nobodyIsLost(person);
      });

      it('with an unknown outcome is settled by its event', async () => {
        const person = await somebody();
        const wanted = freshEmail('wanted');
        const link = await linkFor(person, wanted);
        failOnce(server.running.app.get(CommandHandling), 'decideAlone', 'after', unavailable);
        await confirmBy(server.anonymous, link).expect(503);
        restore(server.running.app.get(CommandHandling));
        await crashed();
        await sweep();
        expect(await addresses.addressOf(person.personId)).toBe(wanted);
        expect(await addresses.ownerOf(person.email)).toBe(person.personId);
        await nobodyIsLost(person);
      });

      it('before its undoing is stored keeps the change, and the link', async () => {
        const person = await somebody();
        const { to, undo } = await addresses.change(person.api, person.email);
        failOnce(server.running.app.get(CommandHandling), 'decideAlone', 'before', unavailable);
        await addresses.undo(undo).expect(503);
        restore(server.running.app.get(CommandHandling));
        await crashed();
        await sweep();
        expect([await addresses.addressOf(person.personId), await addresses.ownerOf(person.email)]).toEqual([
          to,
          person.personId,
        ]);
        expect(await addresses.signsIn(to)).toBe(200);
        await addresses.undo(undo).expect(204);
        await nobodyIsLost(person);
      });

      it.each([
        ['with an unknown outcome', 503],
        ['before its rows follow', 500],
      ] as const)('after its undoing is stored, %s, undoes it whole', async (when, status) => {
        const person = await somebody();
        const { to, undo } = await addresses.change(person.api, person.email);
        if (status === 503) failOnce(server.running.app.get(CommandHandling), 'decideAlone', 'after', unavailable);
        else
          failOnce(server.running.app.get(PersonAddresses), 'settle', 'before', {
            when: (...args) => (args[1] as { changes: number }).changes === 2,
          });
        expect([when, (await addresses.undo(undo)).status]).toEqual([when, status]);
        restore(server.running.app.get(CommandHandling), server.running.app.get(PersonAddresses));
        // The new password holds by its event alone, for each address that still means the person.
        expect(await addresses.signsIn(person.email)).toBe(401);
        await crashed();
        await sweep();
        expect([await addresses.addressOf(person.personId), await addresses.ownerOf(to)]).toEqual([person.email, null]);
        expect([await addresses.signsIn(person.email), await addresses.signsIn(person.email, NEW_PASSWORD)]).toEqual([
          401, 200,
        ]);
        await person.api.get('/v1/me').expect(401);
        await nobodyIsLost(person);
      });

      it('leaves nothing held when the event was refused', async () => {
        const person = await somebody();
        const wanted = freshEmail('wanted');
        const link = await linkFor(person, wanted);
        const real = server.running.app.get(PersonAddresses);
        // The password is changed between the hold and the event.
        const change = person.api.post('/v1/auth/password', { currentPassword: PASSWORD, password: NEW_PASSWORD });
        const { hold } = real;
        Object.defineProperty(real, 'hold', {
          configurable: true,
          value: async (...given: Parameters<typeof hold>) => {
            const outcome = await hold.apply(real, given);
            await change.expect(204);
            return outcome;
          },
        });
        try {
          expect(outcomeOf(await confirmBy(server.anonymous, link))).toBe('410 address-change-used');
        } finally {
          Reflect.deleteProperty(real, 'hold');
        }
        expect(await addresses.ownerOf(wanted)).toBeNull();
        await nobodyIsLost(person);
      });
    });
  },
  { alsoOnEventStoreDb: true },
);
