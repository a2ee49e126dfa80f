import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Position } from '../../event-sourcing/event-store.js';
import { currentContext } from '../../request-context/request-context.js';
import { ProjectionRunner } from '../../projections/projection-runner.js';
import { FIELD_MESSAGES } from '../field-messages.js';
import { PUBLIC_ROUTE, SILENT_ROUTE } from '../route-markers.js';
import { RuleBroken } from '../../problems/problem-codes.js';
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import type { Database } from '../../database/database.js';
import { installationKey } from '../../crypto/installation-key.js';

const KEY_NAME = 'positions';
const IV_BYTES = 16;
/** Positions are padded to a multiple of this, so that a token's length doesn't reveal the log's length. */
const PADDED = 24;
const TOKEN = /^[A-Za-z0-9_-]{53,200}$/;

/**
 * Turns positions into tokens for callers: encrypted and authenticated with a synthetic IV. The same position has the
 * same token.
 * A readable position would reveal how many events others store, and callers could wait for a guessed one.
 * Source: ADR 0030; construction: RFC 5297
 */
export class PositionTokens {
  /** Key objects, because Node takes as long to check a key in bytes as for all the rest. */
  private keys: { iv: KeyObject; text: KeyObject } | undefined;

  constructor(
    private readonly database: Database,
    private readonly masterKey: Buffer,
  ) {}

  /**
   * Reads the key, or makes it at the first start.
   * @throws OtherMasterKey
   */
  async open(): Promise<void> {
    const key = await installationKey(this.database, this.masterKey, KEY_NAME);
    const derived = (purpose: string): KeyObject => createSecretKey(createHmac('sha256', key).update(purpose).digest());
    this.keys = { iv: derived('iv'), text: derived('text') };
  }

  tokenOf(position: Position): string {
    const text = Buffer.from(position.padEnd(Math.ceil(position.length / PADDED) * PADDED));
    const iv = this.ivOf(text);
    return Buffer.concat([iv, createCipheriv('aes-256-ctr', this.opened.text, iv).update(text)]).toString('base64url');
  }

  /** Returns null for text that is no token of this installation. */
  positionIn(token: string): Position | null {
    if (!TOKEN.test(token)) return null;
    const bytes = Buffer.from(token, 'base64url');
    const iv = bytes.subarray(0, IV_BYTES);
    const text = createDecipheriv('aes-256-ctr', this.opened.text, iv).update(bytes.subarray(IV_BYTES));
    return timingSafeEqual(this.ivOf(text), iv) ? text.toString().trimEnd() : null;
  }

  private ivOf(text: Buffer): Buffer {
    return createHmac('sha256', this.opened.iv).update(text).digest().subarray(0, IV_BYTES);
  }

  private get opened(): { iv: KeyObject; text: KeyObject } {
    if (!this.keys) throw new TypeError('the key was not opened');
    return this.keys;
  }
}

/** Milliseconds that a read may wait for the read models. Source: docs/domain.md §13 */
const PATIENCE_MS = 5000;
export const EVENT_POSITION = 'Event-Position';

type WrittenRequest = FastifyRequest & { sendsPosition?: boolean };

/**
 * Makes a signed-in caller's call with `Min-Event-Position` wait for the read models, before permissions are checked.
 * Public routes ignore it.
 */
@Injectable()
export class EventPositionGuard implements CanActivate {
  constructor(
    private readonly projections: ProjectionRunner,
    private readonly reflector: Reflector,
    private readonly tokens: PositionTokens,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<WrittenRequest>();
    const { method, headers } = request;
    request.sendsPosition =
      method !== 'GET' &&
      method !== 'HEAD' &&
      this.reflector.get<boolean | undefined>(SILENT_ROUTE, context.getHandler()) !== true;
    const position = headers['min-event-position'];
    const isPublic =
      this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC_ROUTE, [
        context.getHandler(),
        context.getClass(),
      ]) === true;
    // A waiting call holds a connection, so anonymous callers may not wait.
    return position === undefined || isPublic || this.waitFor(String(position));
  }

  private async waitFor(token: string): Promise<true> {
    const position = this.tokens.positionIn(token);
    if (position === null) throw noPosition();
    const reached = await this.projections.reached(position, PATIENCE_MS).catch((error: unknown) => {
      // A position of another event store has no meaning here.
      throw error instanceof RangeError ? noPosition() : error;
    });
    if (!reached) throw new RuleBroken('read-model-behind', { retryAfter: 1 });
    return true;
  }
}

function noPosition(): RuleBroken {
  return new RuleBroken('invalid-input', {
    errors: [{ field: 'Min-Event-Position', message: FIELD_MESSAGES.eventPosition }],
  });
}

/**
 * Returns the position of what the request stored or found unchanged; undefined where it touched nothing that the
 * caller may see.
 * It is never the log's end, because that would reveal other callers' activity.
 */
export function positionAfter(): Position | undefined {
  const context = currentContext();
  return context?.position ?? context?.unchangedAt;
}

/** Sends `Event-Position` with every successful write: the request's own, or the kept one of a repeated call. */
export function sendEventPosition(fastify: FastifyInstance, tokens: PositionTokens): void {
  fastify.addHook('onSend', (request: WrittenRequest, reply, payload, done) => {
    const kept = reply.getHeader(EVENT_POSITION);
    const position =
      typeof kept === 'string' ? kept : request.sendsPosition && reply.statusCode < 400 ? positionAfter() : undefined;
    if (position !== undefined) void reply.header(EVENT_POSITION, tokens.tokenOf(position));
    done(null, payload);
  });
}
