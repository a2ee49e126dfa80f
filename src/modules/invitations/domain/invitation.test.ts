import {
  acceptInvitation,
  changeInvitation,
  declineInvitation,
  evolveInvitation,
  expireInvitation,
  issueInvitation,
  NO_INVITATION,
  resendInvitation,
  revokeInvitation,
  statusAt,
  type Invitation,
  type NewInvitation,
} from './invitation.js';
import type { InvitationDomainEvent } from './invitation.events.js';
import { domainArrows } from '../../../../test/support/domain-document.js';
import { decider, recorded } from '../../../../test/support/given.js';

const given = decider<Invitation, InvitationDomainEvent>(NO_INVITATION, evolveInvitation);

const ID = '11111111-0000-4000-8000-000000000001';
const ANOTHER_ID = '11111111-0000-4000-8000-000000000002';
const ANN = '22222222-0000-4000-8000-000000000001';
const NOW = new Date('2026-01-05T12:00:00.000Z');
const IN_7_DAYS = '2026-01-12T12:00:00.000Z';
const LONG_AFTER = new Date('2026-03-01T00:00:00.000Z');
const JUST_BEFORE = new Date(Date.parse(IN_7_DAYS) - 1);
const EXPIRY = new Date(IN_7_DAYS);

const offer: NewInvitation = { invitationId: ID, personId: ANN, grant: { role: 'admin' }, window: '7d', locale: 'en' };
const issued: InvitationDomainEvent = { type: 'InvitationIssued', data: { ...offer, issue: 1, expiresAt: IN_7_DAYS } };
const issuedAgain: InvitationDomainEvent = {
  type: 'InvitationIssued',
  data: { ...offer, invitationId: ANOTHER_ID, issue: 2, expiresAt: '2026-03-08T00:00:00.000Z' },
};
const reissued: InvitationDomainEvent = {
  type: 'InvitationReissued',
  data: { invitationId: ID, issue: 2, window: '24h', expiresAt: '2026-01-06T12:00:00.000Z' },
};
const changed: InvitationDomainEvent = {
  type: 'InvitationChanged',
  data: {
    invitationId: ID,
    issue: 1,
    grant: { role: 'contributor' },
    window: '24h',
    expiresAt: '2026-01-06T12:00:00.000Z',
  },
};
const revoked: InvitationDomainEvent = { type: 'InvitationRevoked', data: { invitationId: ID } };
const declined: InvitationDomainEvent = { type: 'InvitationDeclined', data: { invitationId: ID } };
const expired: InvitationDomainEvent = {
  type: 'InvitationExpired',
  data: { invitationId: ID, expiresAt: IN_7_DAYS },
};
const accepted: InvitationDomainEvent = {
  type: 'InvitationAccepted',
  data: { invitationId: ID, personId: ANN, grant: { role: 'admin' } },
};
const REASON = { personId: ANN, sealed: 'c2VhbGVk' };

describe('every state and every command', () => {
  const states: Record<string, { history: InvitationDomainEvent[]; now: Date }> = {
    none: { history: [], now: NOW },
    pending: { history: [issued], now: NOW },
    'past its time': { history: [issued], now: LONG_AFTER },
    expired: { history: [issued, expired], now: LONG_AFTER },
    accepted: { history: [issued, accepted], now: NOW },
    declined: { history: [issued, declined], now: NOW },
    revoked: { history: [issued, revoked], now: NOW },
  };
  const commands: Record<string, (invitation: Invitation, now: Date) => InvitationDomainEvent[]> = {
    invite: (invitation, now) => issueInvitation(invitation, { ...offer, invitationId: ANOTHER_ID }, now),
    resend: (invitation, now) => resendInvitation(invitation, ID, undefined, now),
    change: (invitation, now) => changeInvitation(invitation, ID, { window: '24h' }, now),
    revoke: (invitation) => revokeInvitation(invitation, ID),
    decline: (invitation, now) => declineInvitation(invitation, 1, now),
    accept: (invitation, now) => acceptInvitation(invitation, 1, now),
    'record expiry': (invitation, now) => expireInvitation(invitation, now),
  };
  const table = `
    | state         | invite           | resend             | change            | revoke            | decline              | accept               | record expiry     |
    | none          | InvitationIssued | not-resendable     | not-changeable    | not-revocable     | invitation-not-found | invitation-not-found | nothing           |
    | pending       | nothing          | InvitationReissued | InvitationChanged | InvitationRevoked | InvitationDeclined   | InvitationAccepted   | nothing           |
    | past its time | InvitationIssued | InvitationReissued | not-changeable    | InvitationRevoked | invitation-expired   | invitation-expired   | InvitationExpired |
    | expired       | InvitationIssued | InvitationReissued | not-changeable    | InvitationRevoked | invitation-expired   | invitation-expired   | nothing           |
    | accepted      | InvitationIssued | not-resendable     | not-changeable    | not-revocable     | invitation-accepted  | invitation-accepted  | nothing           |
    | declined      | InvitationIssued | not-resendable     | not-changeable    | not-revocable     | invitation-declined  | invitation-declined  | nothing           |
    | revoked       | InvitationIssued | not-resendable     | not-changeable    | nothing           | invitation-revoked   | invitation-revoked   | nothing           |`;
  const [head, ...rows] = table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const cells = rows.flatMap(([state, ...outcomes]) =>
    outcomes.map((outcome, n) => ({ state: state!, command: head![n + 1]!, outcome })),
  );

  it('is in the table', () => {
    expect(rows.map(([state]) => state)).toEqual(Object.keys(states));
    expect(head!.slice(1)).toEqual(Object.keys(commands));
  });

  it.each(cells)('$state, $command: $outcome', ({ state, command, outcome }) => {
    const { history, now } = states[state]!;
    expect(
      given<InvitationDomainEvent>(...history)
        .when((invitation) => commands[command]!(invitation, now))
        .inOneWord(),
    ).toBe(outcome);
  });

  it('is in the diagram of docs/domain.md', () => {
    const arrows = cells
      .filter(({ outcome }) => outcome.startsWith('Invitation'))
      .map(({ state, command, outcome }) => {
        const { history, now } = states[state]!;
        const before = given(...history).state;
        const after = given(...history, ...commands[command]!(before, now)).state;
        // A new invitation starts from the beginning, because the previous one ended.
        return `${outcome === 'InvitationIssued' ? '[*]' : before.status} --> ${after.status}: ${outcome}`;
      });
    expect(domainArrows('6.1').sort()).toEqual([...new Set(arrows)].sort());
  });
});

describe('changing', () => {
  it('gives the grant, the window or both, and keeps the rest', () => {
    given(issued)
      .when((pending) => changeInvitation(pending, ID, { grant: { role: 'contributor' }, window: '24h' }, NOW))
      .then(changed);
    given(issued)
      .when((pending) => changeInvitation(pending, ID, { grant: { role: 'contributor' } }, JUST_BEFORE))
      .then({ type: 'InvitationChanged', data: { ...changed.data, window: '7d', expiresAt: IN_7_DAYS } });
  });

  it('returns nothing for the same grant without a window', () => {
    for (const change of [{}, { grant: offer.grant }])
      given(issued)
        .when((pending) => changeInvitation(pending, ID, change, NOW))
        .thenNothing();
  });

  it('makes the actor the issuer and counts the terms, and keeps the issue and its link', () => {
    const { state } = given(issued, recorded(changed, 1, { actor: 'Bob' }));
    expect(state).toMatchObject({ ...changed.data, issuedBy: 'Bob', terms: 2, issue: 1, issues: [ID] });
    expect(given(issued, changed, issuedAgain).state).toMatchObject({ terms: 1 });
  });

  it('offers an acceptance the changed grant', () => {
    given(issued, changed)
      .when((pending) => acceptInvitation(pending, 1, NOW))
      .then({ ...accepted, data: { ...accepted.data, grant: { role: 'contributor' } } });
  });

  it('is refused for an earlier invitation of the stream', () => {
    given(issued, expired, issuedAgain)
      .when((pending) => changeInvitation(pending, ID, { window: '24h' }, LONG_AFTER))
      .thenRefused('not-changeable');
  });
});

describe('inviting', () => {
  it('offers the grant until the window closes', () => {
    given()
      .when((none) => issueInvitation(none, offer, NOW))
      .then(issued);
  });

  it('after the end of an invitation starts a new one with the next issue number', () => {
    for (const end of [expired, accepted, declined, revoked]) {
      given(issued, end)
        .when((ended) =>
          issueInvitation(ended, { ...offer, invitationId: ANOTHER_ID }, new Date('2026-03-01T00:00:00.000Z')),
        )
        .then(issuedAgain);
    }
  });

  it('keeps the inviter, the time, and the event that holds the sealed message', () => {
    const { state } = given(recorded(issued, 0, { actor: 'Bob', recordedAt: '2026-01-05T12:00:00.001Z' }));
    expect(state).toMatchObject({
      invitedAt: '2026-01-05T12:00:00.001Z',
      issuedBy: 'Bob',
      firstEventId: 'event-0',
      issues: [ID],
    });
  });
});

describe('resending', () => {
  it('gives the same invitation a new issue and a new expiry, by the same window', () => {
    given(issued)
      .when((pending) => resendInvitation(pending, ID, undefined, LONG_AFTER))
      .then({
        type: 'InvitationReissued',
        data: { invitationId: ID, issue: 2, window: '7d', expiresAt: '2026-03-08T00:00:00.000Z' },
      });
  });

  it('takes another window if the caller names one, and keeps it', () => {
    given(issued)
      .when((pending) => resendInvitation(pending, ID, '24h', NOW))
      .then(reissued);
    given(issued, reissued)
      .when((pending) => resendInvitation(pending, ID, undefined, NOW))
      .then({
        type: 'InvitationReissued',
        data: { invitationId: ID, issue: 3, window: '24h', expiresAt: '2026-01-06T12:00:00.000Z' },
      });
  });

  it('makes an expired invitation pending again', () => {
    given(issued, expired, reissued)
      .when((pending) => acceptInvitation(pending, 2, NOW))
      .then(accepted);
  });

  it('is refused for an invitation that a newer one replaced', () => {
    given(issued, expired, issuedAgain)
      .when((pending) => resendInvitation(pending, ID, undefined, LONG_AFTER))
      .thenRefused('not-resendable');
    given(issued, expired, issuedAgain)
      .when((pending) => revokeInvitation(pending, ID))
      .thenRefused('not-revocable');
  });

  it('makes the person who resends it the issuer', () => {
    const { state } = given(
      recorded(issued, 0, { actor: 'Bob' }),
      recorded(reissued, 1, { actor: 'Eve', recordedAt: '2026-01-06T00:00:00.000Z' }),
    );
    expect(state).toMatchObject({
      issuedBy: 'Eve',
      invitedAt: '2026-01-05T10:00:00.000Z',
      firstEventId: 'event-0',
      issues: [ID, ID],
    });
  });
});

describe('revoking', () => {
  it('keeps the sealed reason', () => {
    given(issued)
      .when((pending) => revokeInvitation(pending, ID, REASON))
      .then({ type: 'InvitationRevoked', data: { invitationId: ID, reason: REASON } });
  });

  it('stores nothing on a repeat, and is refused for another invitation', () => {
    given(issued, revoked)
      .when((ended) => revokeInvitation(ended, ID))
      .thenNothing();
    given(issued, revoked)
      .when((ended) => revokeInvitation(ended, ANOTHER_ID))
      .thenRefused('not-revocable');
  });
});

describe('the clock', () => {
  it('expires an invitation at its expiry, not a millisecond before', () => {
    const { state } = given(issued);
    expect([statusAt(state, JUST_BEFORE), statusAt(state, EXPIRY)]).toEqual(['pending', 'expired']);
    given(issued)
      .when((pending) => acceptInvitation(pending, 1, JUST_BEFORE))
      .then(accepted);
    given(issued)
      .when((pending) => acceptInvitation(pending, 1, EXPIRY))
      .thenRefused('invitation-expired');
    given(issued)
      .when((pending) => expireInvitation(pending, JUST_BEFORE))
      .thenNothing();
    given(issued)
      .when((pending) => expireInvitation(pending, EXPIRY))
      .then(expired);
  });

  it('stores nothing for an invitation that ended', () => {
    for (const end of [accepted, declined, revoked])
      expect(statusAt(given(issued, end).state, LONG_AFTER)).toBe(given(issued, end).state.status);
  });
});

describe('a link', () => {
  it('of an older issue is superseded in every state of the invitation', () => {
    for (const after of [[], [revoked], [declined], [accepted], [expired]]) {
      given(issued, reissued, ...after)
        .when((now) => acceptInvitation(now, 1, NOW))
        .thenRefused('invitation-superseded');
      given(issued, expired, issuedAgain, ...after)
        .when((now) => declineInvitation(now, 1, LONG_AFTER))
        .thenRefused('invitation-superseded');
    }
  });

  it('of an unknown issue is not found', () => {
    given(issued)
      .when((pending) => acceptInvitation(pending, 2, NOW))
      .thenRefused('invitation-not-found');
  });

  it('of the present issue accepts with the name of the new account', () => {
    given(issued)
      .when((pending) => acceptInvitation(pending, 1, NOW, REASON))
      .then({
        type: 'InvitationAccepted',
        data: { invitationId: ID, personId: ANN, grant: { role: 'admin' }, name: REASON },
      });
  });
});

it('events about an unknown invitation change nothing', () => {
  for (const domainEvent of [reissued, revoked, declined, expired, accepted])
    expect(given(domainEvent).state).toEqual(NO_INVITATION);
});

it('a year is a calendar year when an invitation is issued and when it is resent', () => {
  const forAYear: InvitationDomainEvent = {
    type: 'InvitationIssued',
    data: { ...offer, window: '1y', issue: 1, expiresAt: '2028-06-01T09:00:00.000Z' },
  };
  given()
    .when((none) => issueInvitation(none, { ...offer, window: '1y' }, new Date('2027-06-01T09:00:00.000Z')))
    .then(forAYear);
  const again: InvitationDomainEvent = {
    type: 'InvitationReissued',
    data: { invitationId: ID, issue: 2, window: '1y', expiresAt: '2029-02-28T09:00:00.000Z' },
  };
  given(forAYear)
    .when((pending) => resendInvitation(pending, ID, undefined, new Date('2028-02-29T09:00:00.000Z')))
    .then(again);
});
