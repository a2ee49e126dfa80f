import type { TextKey } from '../texts/texts.en.js';

const TABS = ['', '/password', '/sessions', '/history', '/notices', '/close'] as const;
export type AccountTab = (typeof TABS)[number];

const LABELS: Readonly<Record<AccountTab, TextKey>> = {
  '': 'account.tab.person',
  '/password': 'account.tab.password',
  '/sessions': 'account.tab.sessions',
  '/history': 'account.tab.history',
  '/notices': 'account.tab.notices',
  '/close': 'account.tab.close',
};

/** The tabs of the pages of one's account. */
export function accountTabs(current: AccountTab) {
  return TABS.map((tab) => ({ path: `/account${tab}`, label: LABELS[tab], current: tab === current }));
}
