import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { BoundedQueue } from '../../shared/resilience/bounded-queue.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import type { Authentication } from './authentication.js';

/**
 * A hash takes one of Node's four worker threads, and 32 MiB, for about 0.1 s. The other threads must stay free for
 * files and DNS.
 */
const AT_ONCE = 2;
/** Two to five seconds of work. Callers who would wait longer get a refusal at once. */
const MOST_WAITING = 100;
const TRY_AGAIN_SECONDS = 3;

/** Hashes and checks passwords, two at a time, because hashing is slow on purpose. */
@Injectable()
export class Passwords implements OnModuleInit {
  private readonly queue = new BoundedQueue(AT_ONCE, MOST_WAITING);
  private dummyHash = '';

  constructor(private readonly authentication: Authentication) {}

  async onModuleInit(): Promise<void> {
    this.dummyHash = await this.hash(randomUUID());
  }

  /** @throws RuleBroken `too-busy` with Retry-After */
  async hash(password: string): Promise<string> {
    const hashing = (await this.authentication.$context).password;
    return this.queue.run(async () => hashing.hash(password), tooBusy);
  }

  /**
   * Takes as long without a hash as with one.
   * @param hash null when there is no account.
   * @throws RuleBroken `too-busy` with Retry-After
   */
  async matches(password: string, hash: string | null): Promise<boolean> {
    const hashing = (await this.authentication.$context).password;
    const same = await this.queue.run(async () => hashing.verify({ hash: hash ?? this.dummyHash, password }), tooBusy);
    return same && hash !== null;
  }
}

function tooBusy(): RuleBroken {
  return new RuleBroken('too-busy', { retryAfter: TRY_AGAIN_SECONDS });
}
