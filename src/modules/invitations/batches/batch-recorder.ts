import { Injectable } from '@nestjs/common';
import type { Scope } from '../../access/access.contract.js';
import { CommandHandling, type EventContext } from '../../../shared/event-sourcing/command-handling.js';
import { deterministicId, StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { requireContext, runInContext } from '../../../shared/request-context/request-context.js';
import type { AuthoriseInvitation } from '../invite/invite-people.command.js';
import type { InvitationBatchDomainEvents } from './invitation-batch.events.js';
import { finishBatch, invitationBatchFrom, startBatch } from './invitation-batch.js';

type Outcomes = InvitationBatchDomainEvents['InvitationBatchFinished']['outcomes'];

/** A call, as its batch records it. */
interface Call {
  actor: string;
  /** The type of invitation. */
  kind: string;
}

/** Records invitation calls with several recipients. */
@Injectable()
export class BatchRecorder {
  constructor(private readonly commandHandling: CommandHandling) {}

  /**
   * Records that the call begins, while the caller may invite. Returns the id of its batch. A call that is sent again
   * with its Idempotency-Key has the same one.
   * @throws RuleBroken as `authorise`
   */
  async start({ actor, kind }: Call, authorise: AuthoriseInvitation, recipients: number): Promise<string> {
    const { commandId } = requireContext();
    await this.commandHandling.retrying(
      async (reads) => {
        const { scope } = await authorise(reads);
        await this.commandHandling.decide({
          stream: streamOf(commandId),
          eventContext: contextOf(actor, scope),
          decide: (history) => startBatch(invitationBatchFrom(history), { kind, recipients }),
          onlyIf: reads,
        });
      },
      { cached: true },
    );
    return commandId;
  }

  /** Records the outcomes, also when the caller may invite no more, because they are facts by now. */
  async finish({ actor, kind }: Call, scope: Scope, outcomes: Outcomes, notReached: number): Promise<void> {
    const context = requireContext();
    // A command decides once on a stream, so this decision has a command id of its own.
    const own = {
      ...context,
      causationId: context.commandId,
      commandId: deterministicId(context.commandId, 'finish'),
    };
    await runInContext(own, async () =>
      this.commandHandling.decideAlone(streamOf(context.commandId), contextOf(actor, scope), (history) =>
        finishBatch(invitationBatchFrom(history), { kind, outcomes, notReached }),
      ),
    );
    if (own.position !== undefined) context.position = own.position;
  }
}

function streamOf(batchId: string): string {
  return StreamId.of('invitationBatch', batchId);
}

function contextOf(actor: string, { kind, id, organisation }: Scope): EventContext {
  return { actor, scope: { kind, id }, organisationId: organisation?.id ?? null };
}
