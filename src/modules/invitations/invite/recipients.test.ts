import { RECIPIENT_OUTCOMES, readRecipients, summarise } from './recipients.js';

async function outcomes(...emails: string[]): Promise<(string | undefined)[]> {
  return (await readRecipients(emails, [])).map(({ outcome }) => outcome);
}

describe('the recipients of a call', () => {
  it('stay in the order and the spelling of the call, each with its normalised address', async () => {
    expect(await readRecipients(['  Bob@Example.org', 'nonsense', 'ann@example.org'], [])).toEqual([
      { email: '  Bob@Example.org', address: 'bob@example.org' },
      { email: 'nonsense', address: null, outcome: 'invalid-email' },
      { email: 'ann@example.org', address: 'ann@example.org' },
    ]);
  });

  it('who are named twice are invited once, where they are first named', async () => {
    expect(await outcomes('ann@example.org', 'bob@example.org', 'ANN@example.org', 'ann@example.org ')).toEqual([
      undefined,
      undefined,
      'duplicate-in-request',
      'duplicate-in-request',
    ]);
  });

  it('are equal in Unicode and in punycode, composed and decomposed', async () => {
    expect(await outcomes('jürgen@köln.example', 'ju\u0308rgen@xn--kln-sna.example')).toEqual([
      undefined,
      'duplicate-in-request',
    ]);
  });

  it('with the same invalid address are not duplicates of each other', async () => {
    expect(await outcomes('', '', 'nonsense', 'nonsense')).toEqual([
      'invalid-email',
      'invalid-email',
      'invalid-email',
      'invalid-email',
    ]);
  });

  it('yield to the event loop while they are read', async () => {
    let others = 0;
    let reading = true;
    const serve = (): void => {
      others += 1;
      if (reading) setImmediate(serve);
    };
    setImmediate(serve);
    const read = await readRecipients(
      Array.from({ length: 200_000 }, (_, n) => `person-${String(n)}@example.org`),
      [],
    );
    reading = false;
    expect(read).toHaveLength(200_000);
    expect(others).toBeGreaterThan(1);
  });

  it('can be an empty list', async () => {
    expect(await readRecipients([], [])).toEqual([]);
  });
});

describe('the summary', () => {
  it('counts every outcome, and has a zero for an outcome without recipients', () => {
    expect(summarise([{ outcome: 'invited' }, { outcome: 'not-allowed' }, { outcome: 'invited' }])).toEqual({
      invited: 2,
      'already-pending': 0,
      'already-member': 0,
      'invalid-email': 0,
      'duplicate-in-request': 0,
      'not-allowed': 1,
    });
  });

  it('adds up to the number of recipients', () => {
    const results = RECIPIENT_OUTCOMES.flatMap((outcome, n) => Array.from({ length: n + 1 }, () => ({ outcome })));
    expect(Object.values(summarise(results)).reduce((sum, n) => sum + n)).toBe(results.length);
  });
});
