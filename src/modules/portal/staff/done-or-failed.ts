import type { FastifyReply } from 'fastify';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { goTo } from '../page-routes.js';
import { ENGLISH, type TextKey } from '../texts/texts.en.js';

/** What a page says after a form: it worked, or why not. */
export interface Said {
  kind: 'good' | 'warn' | 'wrong';
  text: TextKey;
  /** How many were changed, and how many a rule refused, where a form is about several. */
  count: number;
  refused: number;
}

/**
 * What the address of the page says about the form before. Other words in it say nothing.
 * @param area the texts that go before those of staff
 */
export function saidBy(
  query: Record<'done' | 'failed', string> & Partial<Record<'count' | 'refused', string>>,
  area = 'staff',
): Said | null {
  const [count, refused] = [query.count, query.refused].map((text) =>
    /^\d{1,4}$/.test(text ?? '') ? Number(text) : 0,
  );
  const counts = { count: count ?? 0, refused: refused ?? 0 };
  const textOf = (what: string): TextKey | undefined => [`${area}.${what}`, `staff.${what}`].find(isText);
  const done = textOf(`done.${query.done}`);
  if (done) return { kind: counts.refused > 0 ? 'warn' : 'good', text: done, ...counts };
  if (query.failed === '') return null;
  return { kind: 'wrong', text: textOf(`failed.${query.failed}`) ?? 'staff.failed.other', ...counts };
}

/**
 * Does what a form asks for, and redirects to the page that says so. When a rule refuses it, the page of the form names
 * the rule, because that page may be older than what it shows. Rules about seeing and all other errors are thrown.
 */
export async function doAndSay(
  reply: FastifyReply,
  { page, done }: { page: string; done: string },
  work: () => Promise<unknown>,
): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RuleBroken) || ['not-found', 'forbidden', 'unauthenticated'].includes(error.code))
      throw error;
    return goTo(reply, `${page}${page.includes('?') ? '&' : '?'}failed=${error.code}`);
  }
  return goTo(reply, done);
}

function isText(key: string): key is TextKey {
  return Object.hasOwn(ENGLISH, key);
}
