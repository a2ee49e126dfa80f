import type { Type } from '@nestjs/common';
import { sql } from 'kysely';
import { INVITATION_TYPES } from '../../src/bootstrap/invitation-types.js';
import { problemCatalogue } from '../../src/bootstrap/problems.js';
import { mustBeRegistered, mustHaveTables, type Parts } from '../../src/bootstrap/registration.module.js';
import { InvitationPolicies } from '../../src/modules/invitations/policy/invitation-policy.js';
import { LinkTokens } from '../../src/shared/http/links/link-token.js';
import type { InvitationType } from '../../src/modules/invitations/types/invitation-type.js';
import { EventStore } from '../../src/shared/event-sourcing/event-store.js';
import { shapesOf, text } from '../../src/shared/event-sourcing/event-shapes.js';
import { ProblemCatalogue } from '../../src/shared/problems/problem-catalogue.js';
import { RuleBroken, SHARED_PROBLEMS } from '../../src/shared/problems/problem-codes.js';
import { ProcessManagerRunner } from '../../src/shared/process-managers/process-manager-runner.js';
import { ProjectionRunners } from '../../src/shared/projections/projection-runners.js';
import { describeOnOneEngine } from '../support/engines.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

describe('a declaration of modules', () => {
  it('is refused where two lists have one problem code', () => {
    expect(() => new ProblemCatalogue([SHARED_PROBLEMS, { mine: [409, 'Mine'] }, { forbidden: [403, 'No'] }])).toThrow(
      'the problem code forbidden is declared twice',
    );
  });

  it('is refused where two modules have one stream category', () => {
    const streams = { category: 'order', types: {} };
    expect(() => shapesOf([streams, streams])).toThrow('the stream category order is declared twice');
  });

  it('is refused where two modules have one event type', () => {
    const types = { OrderPlaced: { item: text } };
    expect(() =>
      shapesOf([
        { category: 'order', types },
        { category: null, types },
      ]),
    ).toThrow('the event type OrderPlaced is declared twice');
  });

  it('makes every registered code a type, and no other text', () => {
    // @ts-expect-error: no list has this code
    expect(new RuleBroken('role-not-grantabel').code).toBe('role-not-grantabel');
    expect(problemCatalogue().statusOf(new RuleBroken('role-not-grantable').code)).toBe(403);
  });
});

describeOnOneEngine('a product that starts', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(async () => {
    await server.close();
  });

  /** Checks the registrations with this part in place of the product's own. */
  function refusalWith(token: unknown, part: object): () => void {
    const { app } = server.running;
    const get = (wanted: unknown): unknown => (wanted === token ? part : app.get(wanted as Type));
    return () => {
      mustBeRegistered({ get } as Parts);
    };
  }

  it('has registered all that it uses', () => {
    expect(() => {
      mustBeRegistered(server.running.app);
    }).not.toThrow();
  });

  it.each([ProjectionRunners, ProcessManagerRunner])(
    'is refused with a %p of an event type that no module declares',
    (runner) => {
      const registered = [{ name: 'orders', handles: ['OrderPlaced'] }];
      expect(refusalWith(runner, { registered })).toThrow(
        'the event type OrderPlaced of the follower orders is not registered in src/bootstrap/event-shapes.ts',
      );
    },
  );

  describe('with a type of invitation', () => {
    const types = (): InvitationType[] => server.running.app.get(InvitationPolicies).all.map(({ type }) => type);
    const refusal = (...all: object[]) => refusalWith(InvitationPolicies, { all: all.map((type) => ({ type })) });

    it('whose stream category no module declares is refused', () => {
      expect(refusal({ ...types()[0], kind: 'order' })).toThrow(
        'the stream category order of the invitation type order is not registered in src/bootstrap/invitation-types.ts',
      );
    });

    const FAULTS: Record<string, [(staff: InvitationType) => object, string]> = {
      'an end that is no event of its streams': [
        ({ members }) => ({ members: { ...members, ends: ['OrderEnded'] } }),
        'the event type OrderEnded of the invitation type staff is not among its streams',
      ],
      'a beginning that is no event of its streams': [
        ({ members }) => ({ members: { ...members, begins: ['OrderBegun'] } }),
        'the event type OrderBegun of the invitation type staff is not among its streams',
      ],
      'streams of another category': [
        ({ streams }) => ({ streams: { ...streams, category: 'patient' } }),
        'the category of the streams of the invitation type staff is patient',
      ],
      'members of another category': [
        ({ members }) => ({ members: { ...members, category: 'patient' } }),
        'the category of the members of the invitation type staff is patient',
      ],
      'a read model of every category': [
        ({ members }) => ({ members: { ...members, projection: { ...members.projection, category: undefined } } }),
        'the category of the read model of the invitation type staff is missing',
      ],
      'a read model that leaves out members who accept': [
        ({ members }) => ({ members: { ...members, projection: { ...members.projection, handles: members.ends } } }),
        "the read model of the invitation type staff doesn't handle the event type InvitationAccepted",
      ],
      'a read model that keeps former members': [
        ({ members }) => ({
          members: { ...members, projection: { ...members.projection, handles: ['InvitationAccepted'] } },
        }),
        "the read model of the invitation type staff doesn't handle the event type StaffMemberRemoved",
      ],
      'a read model that fills another table': [
        ({ members }) => ({ members: { ...members, projection: { ...members.projection, tables: ['patient'] } } }),
        'the read model of the invitation type staff fills the table patient instead of staff_member',
      ],
      'a scope in no column of its table': [
        ({ members }) => ({ members: { ...members, scopeColumn: 'deployment_id' } }),
        'the table of the invitation type staff has no column deployment_id',
      ],
      'a default window that is none of its windows': [
        () => ({ defaultWindow: '30d' }),
        'the default window 30d of the invitation type staff is not among its windows',
      ],
      'no permissions for a policy that decides by them': [
        () => ({ permissions: undefined }),
        'the policy of the invitation type staff decides by permissions, and it has none',
      ],
      'a route to a member whom its policy does not show': [
        () => ({ policy: types().find(({ kind }) => kind === 'groupMember')?.policy }),
        'the policy of the invitation type staff has no getMember for its route',
      ],
    };

    it.each(Object.entries(FAULTS))('with %s is refused', (_, [fault, sentence]) => {
      const staff = types().find(({ kind }) => kind === 'staff')!;
      expect(refusal({ ...staff, ...fault(staff) })).toThrow(sentence);
    });

    it('gives guests no permission that only a role may have', () => {
      // @ts-expect-error: lists of patients are read by role alone
      const guestPermissions: InvitationType['members']['guestPermissions'] = ['patients.view'];
      expect(guestPermissions).toHaveLength(1);
    });

    it('that the texts of pages do not name is refused', () => {
      expect(refusal({ ...types()[0], kind: 'person' })).toThrow(
        "the texts of pages in src/modules/portal/texts don't name the invitation type person",
      );
    });

    it.each(INVITATION_TYPES.map(({ kind }) => kind))('%s is refused when it is left out', (kind) => {
      expect(refusal(...types().filter((type) => type.kind !== kind))).toThrow(
        `the invitation type ${kind} of the texts of pages is not registered in src/bootstrap/invitation-types.ts`,
      );
    });

    it('whose link number is taken or out of range is refused', () => {
      const tokens = new LinkTokens([]);
      tokens.register('order', 9);
      expect(() => {
        tokens.register('refund', 9);
      }).toThrow("the link number 9 of refund is order's");
      for (const number of [0, 128, 1.5])
        expect(() => {
          tokens.register('refund', number);
        }).toThrow(`the link number ${String(number)} of refund is not from 1 to 127`);
    });
  });

  it('is refused with a read model whose table no migration makes', async () => {
    const { database } = server;
    await expect(mustHaveTables(database)).resolves.toBeUndefined();
    await sql`alter table staff_member rename to staff_member_elsewhere`.execute(database.kysely());
    try {
      await expect(mustHaveTables(database)).rejects.toThrow(
        'the table staff_member is not made by any migration in src/migrations/migrations.ts',
      );
    } finally {
      await sql`alter table staff_member_elsewhere rename to staff_member`.execute(database.kysely());
    }
  });

  it('is refused with a route whose problem code no list has', () => {
    expect(refusalWith(ProblemCatalogue, new ProblemCatalogue([SHARED_PROBLEMS]))).toThrow(
      /^the problem code [a-z-]+ of the route \w+\.\w+ is not registered in src\/bootstrap\/problems\.ts$/,
    );
  });

  it('stores nothing in a stream of a category that no module declares', () => {
    const { checks } = server.running.app.get(EventStore);
    const stream = 'order-44444444-0000-4000-8000-000000000001';
    expect(() => {
      checks.mustBeDeclared({ stream, events: [] });
    }).toThrow('no module declares the stream category order');
  });
});
