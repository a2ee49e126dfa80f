import type { AnyLinkView } from '../../history/history.contract.js';
import { explanationTree } from './explanation-tree.js';

const link = (number: number, authority: number | null): AnyLinkView =>
  ({
    number,
    at: '2026-03-01T00:00:00.000Z',
    kind: 'staff.accepted',
    subject: { name: `Person ${String(number)}` },
    summary: `Link ${String(number)}`,
    relevance: 'needed',
    basis: authority === null ? 'first-start' : 'grant',
    authority,
    hasReason: false,
    scope: { kind: 'organisation' },
  }) as AnyLinkView;
const hidden = (number: number): AnyLinkView => ({
  number,
  at: '2026-03-01T00:00:00.000Z',
  kind: 'staff.accepted',
  scope: { kind: 'platform' },
  hidden: true,
});

it('the chain of an authority stands below its first link, and later links lead there', () => {
  const tree = explanationTree({
    chain: [link(5, 1), link(6, 1), link(7, 3)],
    authorities: { '1': [link(0, null), link(1, null)], '3': [link(3, 1)] },
  });
  const said = tree.map(({ number, authority }) => [
    number,
    authority?.number,
    authority?.name,
    authority?.links?.map((one) => one.number) ?? null,
  ]);
  expect(said).toEqual([
    [5, 1, 'Person 1', [0, 1]],
    [6, 1, 'Person 1', null],
    [7, 3, 'Person 3', [3]],
  ]);
  expect(tree[2]?.authority?.links?.[0]?.authority).toEqual({ number: 1, name: 'Person 1', links: null });
});

it('an authority that the visitor may not see has no name', () => {
  const [first] = explanationTree({ chain: [link(5, 1)], authorities: { '1': [hidden(1)] } });
  expect(first?.authority?.name).toBeNull();
  expect(first?.authority?.links).toMatchObject([{ summary: null, hiddenAt: 'platform', basis: null }]);
});
