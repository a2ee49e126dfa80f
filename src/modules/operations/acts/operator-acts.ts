import { Injectable } from '@nestjs/common';
import { Authorization } from '../../access/access.contract.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { CommandHandling } from '../../../shared/event-sourcing/command-handling.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { INSTALLATION_STREAMS, type OperatorAct } from './operator-act.events.js';

const STREAM = StreamId.of(INSTALLATION_STREAMS.category, PLATFORM.id);

/**
 * Records what super-admins do to the installation. An act is stored before it is done, so that none is done unseen.
 */
@Injectable()
export class OperatorActs {
  constructor(
    private readonly authorization: Authorization,
    private readonly commandHandling: CommandHandling,
  ) {}

  /** @throws RuleBroken `forbidden` */
  async record(actor: string, act: OperatorAct): Promise<void> {
    await this.commandHandling.retrying(async (reads) => {
      await this.authorization.requireSuperAdmin(actor, PLATFORM, reads);
      await this.commandHandling.decide({
        stream: STREAM,
        eventContext: { actor, scope: PLATFORM, organisationId: null },
        decide: () => [act],
        onlyIf: reads,
      });
    });
  }
}
