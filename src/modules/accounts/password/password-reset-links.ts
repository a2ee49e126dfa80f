import { Injectable, type OnModuleInit } from '@nestjs/common';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { LinkTokens } from '../../../shared/http/links/link-token.js';
import { PublicUrl } from '../../../shared/http/links/origin.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Clock } from '../../../shared/time/clock.js';
import { readPersonLink } from '../person-mails/person-link.js';
import { PASSWORD_RESET_SEGMENT } from '../link-segments.js';
import { passwordFrom, usableReset, type PasswordState, type ResetRequest } from './password.js';

/** Permanent: mailed links contain it. The kinds of invitations and patient links have the first numbers. */
const LINK_NUMBER = 32;
const KIND = 'passwordReset';

/** The request behind a genuine link that can be used. */
export interface OpenedReset {
  personId: string;
  request: ResetRequest;
}

/** Mailed links to a new password. None is stored: each is derived from the person, the issue and its event. */
@Injectable()
export class PasswordResetLinks implements OnModuleInit {
  constructor(
    private readonly tokens: LinkTokens,
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly publicUrl: PublicUrl,
  ) {}

  onModuleInit(): void {
    this.tokens.register(KIND, LINK_NUMBER);
  }

  addressOf(personId: string, { issue, eventId }: ResetRequest): string {
    const token = this.tokens.derive({ kind: KIND, streamUuid: personId, issue }, eventId);
    return `${this.publicUrl.base}/${PASSWORD_RESET_SEGMENT}/${token}`;
  }

  /**
   * Reads only, because mail scanners follow links too.
   * @throws RuleBroken `password-reset-not-found` for a forged link, and `usableReset`'s codes
   */
  async open(token: string): Promise<OpenedReset> {
    const opened = await readPersonLink(this.tokens, this.store, token, {
      kind: KIND,
      eventType: 'PasswordResetRequested',
    });
    if (!opened) throw new RuleBroken('password-reset-not-found');
    return { personId: opened.personId, request: this.usable(passwordFrom(opened.history), opened.issue) };
  }

  /** @throws RuleBroken as `usableReset` */
  usable(state: PasswordState, issue: number): ResetRequest {
    return usableReset(state, issue, this.clock.now());
  }
}
