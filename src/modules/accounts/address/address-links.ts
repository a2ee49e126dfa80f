import { Injectable, type OnModuleInit } from '@nestjs/common';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { LinkTokens } from '../../../shared/http/links/link-token.js';
import { PublicUrl } from '../../../shared/http/links/origin.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Clock } from '../../../shared/time/clock.js';
import { readPersonLink } from '../person-mails/person-link.js';
import { ADDRESS_CHANGE_SEGMENT, ADDRESS_UNDO_SEGMENT } from '../link-segments.js';
import {
  addressFrom,
  undoableChange,
  usableRequest,
  type AddressChange,
  type AddressRequest,
  type AddressState,
} from './address.js';
import type { AddressDomainEvents } from './address.events.js';

interface LinkKind {
  kind: string;
  /** Permanent, because mailed links contain it. */
  number: number;
  eventType: keyof AddressDomainEvents;
}

const CONFIRM: LinkKind = { kind: 'addressChange', number: 33, eventType: 'AddressChangeRequested' };
const UNDO: LinkKind = { kind: 'addressUndo', number: 34, eventType: 'AddressChanged' };

/** Mailed links that confirm or undo a change. None is stored: each is derived from the person, the issue and its event. */
@Injectable()
export class AddressLinks implements OnModuleInit {
  constructor(
    private readonly tokens: LinkTokens,
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly publicUrl: PublicUrl,
  ) {}

  onModuleInit(): void {
    for (const { kind, number } of [CONFIRM, UNDO]) this.tokens.register(kind, number);
  }

  /** The link that confirms. */
  confirming(personId: string, { issue, eventId }: AddressRequest): string {
    const token = this.tokens.derive({ kind: CONFIRM.kind, streamUuid: personId, issue }, eventId);
    return `${this.publicUrl.base}/${ADDRESS_CHANGE_SEGMENT}/${token}`;
  }

  /** The link that undoes. */
  undoing(personId: string, { issue, eventId }: AddressChange): string {
    const token = this.tokens.derive({ kind: UNDO.kind, streamUuid: personId, issue }, eventId);
    return `${this.publicUrl.base}/${ADDRESS_UNDO_SEGMENT}/${token}`;
  }

  /**
   * Reads only, because mail scanners follow links too.
   * @throws RuleBroken `address-change-not-found` for a forged link, and `usableRequest`'s codes
   */
  async openRequest(token: string): Promise<{ personId: string; request: AddressRequest }> {
    const opened = await readPersonLink(this.tokens, this.store, token, CONFIRM);
    if (!opened) throw new RuleBroken('address-change-not-found');
    return { personId: opened.personId, request: this.usable(addressFrom(opened.history), opened.issue) };
  }

  /**
   * Reads only.
   * @throws RuleBroken `address-undo-not-found` for a forged link, and `undoableChange`'s codes
   */
  async openUndo(token: string): Promise<{ personId: string; change: AddressChange }> {
    const opened = await readPersonLink(this.tokens, this.store, token, UNDO);
    if (!opened) throw new RuleBroken('address-undo-not-found');
    return { personId: opened.personId, change: this.undoable(addressFrom(opened.history), opened.issue) };
  }

  /** @throws RuleBroken as `usableRequest` */
  usable(state: AddressState, issue: number): AddressRequest {
    return usableRequest(state, issue, this.clock.now());
  }

  /** @throws RuleBroken as `undoableChange` */
  undoable(state: AddressState, issue: number): AddressChange {
    return undoableChange(state, issue, this.clock.now());
  }
}
