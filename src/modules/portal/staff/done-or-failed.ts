import type { FastifyReply } from 'fastify';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { goTo } from '../page-routes.js';
import { ENGLISH, type TextKey } from '../texts/texts.en.js';

/** What a page says after a form: it worked, or why not. */
export interface Said {
  kind: 'good' | 'wrong';
  text: TextKey;
}

/** What the address of the page says about the form before. Other words in it say nothing. */
export function saidBy(query: { done: string; failed: string }): Said | null {
  const done = `staff.done.${query.done}`;
  if (isText(done)) return { kind: 'good', text: done };
  if (query.failed === '') return null;
  const failed = `staff.failed.${query.failed}`;
  return { kind: 'wrong', text: isText(failed) ? failed : 'staff.failed.other' };
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
    return goTo(reply, `${page}?failed=${error.code}`);
  }
  return goTo(reply, done);
}

function isText(key: string): key is TextKey {
  return Object.hasOwn(ENGLISH, key);
}
