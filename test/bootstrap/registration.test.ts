import type { INestApplication, Type } from '@nestjs/common';
import { problemCatalogue } from '../../src/bootstrap/problems.js';
import { mustBeRegistered } from '../../src/bootstrap/registration.js';
import { InvitationPolicies } from '../../src/modules/invitations/policy/invitation-policy.js';
import { EventStore } from '../../src/shared/event-sourcing/event-store.js';
import { shapesOf, text } from '../../src/shared/event-sourcing/event-shapes.js';
import { ProblemCatalogue } from '../../src/shared/problems/problem-catalogue.js';
import { RuleBroken, SHARED_PROBLEMS } from '../../src/shared/problems/problem-codes.js';
import { ProcessManagerRunner } from '../../src/shared/process-managers/process-manager-runner.js';
import { ProjectionRunner } from '../../src/shared/projections/projection-runner.js';
import { describeOnOneEngine } from '../support/engines.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

describe('what modules declare', () => {
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

  /** As if the product had this part in the place of its own. */
  function refusalWith(token: unknown, part: object): () => void {
    const { app } = server.running;
    const get = (wanted: unknown): unknown => (wanted === token ? part : app.get(wanted as Type));
    return () => {
      mustBeRegistered({ get } as INestApplication);
    };
  }

  it('has registered all that it uses', () => {
    expect(() => {
      mustBeRegistered(server.running.app);
    }).not.toThrow();
  });

  it.each([ProjectionRunner, ProcessManagerRunner])(
    'is refused with a %p of an event type that no module declares',
    (runner) => {
      const registered = [{ name: 'orders', handles: ['OrderPlaced'] }];
      expect(refusalWith(runner, { registered })).toThrow(
        'the event type OrderPlaced of the follower orders is not registered in src/bootstrap/event-shapes.ts',
      );
    },
  );

  it('is refused with an invitation context whose stream category no module declares', () => {
    expect(refusalWith(InvitationPolicies, { kinds: ['order'] })).toThrow(
      'the stream category order of an invitation context is not registered in src/bootstrap/event-shapes.ts',
    );
  });

  it('is refused with a route that answers with a code of no list', () => {
    expect(refusalWith(ProblemCatalogue, new ProblemCatalogue([SHARED_PROBLEMS]))).toThrow(
      /^the problem code [a-z-]+ of the route \w+Controller\.\w+ is not registered in src\/bootstrap\/problems\.ts$/,
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
