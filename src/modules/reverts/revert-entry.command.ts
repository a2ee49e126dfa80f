import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { StreamId } from '../../shared/event-sourcing/stream-id.js';
import { EntryLocator, kindOf } from '../history/history.contract.js';
import { StreamMoved } from '../../shared/event-sourcing/append-condition.js';
import { CommandHandling } from '../../shared/event-sourcing/command-handling.js';
import { FIELD_MESSAGES } from '../../shared/http/field-messages.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { beginWork, requireContext, runInContext } from '../../shared/request-context/request-context.js';
import { type OpenedRevert, Reverts } from './reverts.js';

/** How often the opposite is looked for again, because its stream moved meanwhile. */
const ATTEMPTS = 5;

/** Takes back what an entry of the history did, by the ordinary opposite command. Source: docs/domain.md §16 */
export class RevertEntry extends Command<void> {
  constructor(
    readonly actor: string,
    readonly eventId: string,
    readonly reason: string | undefined,
  ) {
    super();
  }
}

@CommandHandler(RevertEntry)
export class RevertEntryHandler implements ICommandHandler<RevertEntry> {
  constructor(
    private readonly reverts: Reverts,
    private readonly entries: EntryLocator,
    private readonly commandHandling: CommandHandling,
  ) {}

  /** @throws RuleBroken `not-found`, `not-revertible`, `forbidden`, and what else the opposite command throws */
  async execute({ actor, eventId, reason }: RevertEntry): Promise<void> {
    await this.entries.mustShowEverything();
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const opened = await this.reverts.open(actor, eventId);
      if (opened.isReverted) {
        await this.mustBeAllowed(opened, actor);
        beginWork();
        this.commandHandling.noteUnchanged(opened.history);
        return;
      }
      mustFit(opened, reason);
      if (await this.takeBack(opened, actor, reason)) return;
    }
    throw new RuleBroken('too-many-conflicts');
  }

  /** A repeat needs the same permission. @throws RuleBroken `forbidden` */
  private async mustBeAllowed(opened: OpenedRevert, actor: string): Promise<void> {
    try {
      await this.reverts.rehearse(opened, actor);
    } catch (error) {
      const refusal = refusalOf(error);
      // Rules come after permissions, and may well refuse what was done already.
      if (!(refusal instanceof RuleBroken) || refusal.code === 'forbidden') throw refusal;
    }
  }

  /**
   * Runs the command with the event as its cause, which its own event then names.
   * @returns false: the stream has moved since it was read
   */
  private async takeBack(opened: OpenedRevert, actor: string, reason: string | undefined): Promise<boolean> {
    const { entry, event, revision } = opened;
    const context = requireContext();
    const inner = { ...context, causationId: event.id, onlyAt: { stream: entry.stream, revision } };
    try {
      await runInContext(inner, async () => this.reverts.takeBack(opened, actor, reason));
    } catch (error) {
      if (error instanceof StreamMoved) return false;
      throw refusalOf(error);
    } finally {
      if (inner.position !== undefined) context.position = inner.position;
      if (inner.unchangedAt !== undefined) context.unchangedAt = inner.unchangedAt;
    }
    return true;
  }
}

/** @throws RuleBroken `invalid-input` for a reason that would not be kept, and for one that is missing */
function mustFit({ opposite, later, entry }: OpenedRevert, reason: string | undefined): void {
  if (opposite.keepsReason !== (reason !== undefined))
    throw new RuleBroken('invalid-input', {
      errors: [
        {
          field: 'reason',
          message: opposite.keepsReason ? FIELD_MESSAGES.required : 'must be left out, because this change keeps none',
        },
      ],
    });
  if (later)
    throw new RuleBroken('not-revertible', {
      laterEvent: {
        eventId: entry.seeId(later.id),
        kind: kindOf(later.type, StreamId.parse(later.stream).category),
        at: later.recordedAt,
      },
    });
}

/** The actor sees the entry, so that what it is about is no secret: its absence means that they may do nothing to it. */
function refusalOf(error: unknown): unknown {
  return error instanceof RuleBroken && error.code === 'not-found' ? new RuleBroken('forbidden') : error;
}
