import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization } from '../../access/access.contract.js';
import { CommandHandling } from '../../../shared/event-sourcing/command-handling.js';
import { revokePatientLink } from './patient-link.js';
import { patientLinkFrom, patientLinkStream } from './patient-link-uses.js';
import { PatientLinks } from './patient-links.js';

/** Revokes a link. Invitations that people asked for through it stay. */
export class RevokePatientLink extends Command<void> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(RevokePatientLink)
export class RevokePatientLinkHandler implements ICommandHandler<RevokePatientLink> {
  constructor(
    private readonly authorization: Authorization,
    private readonly commandHandling: CommandHandling,
    private readonly links: PatientLinks,
  ) {}

  async execute({ actor, id }: RevokePatientLink): Promise<void> {
    const { deployment_id: deploymentId } = await this.links.load(id);
    const ref = { kind: 'deployment' as const, id: deploymentId };
    await this.commandHandling.retrying(async (reads) => {
      await this.authorization.requireVisible(actor, ['patients.manage'], ref, reads);
      const { scope } = await this.authorization.requireChange(actor, 'patients.manage', ref, reads);
      const eventContext = {
        actor,
        scope: { kind: scope.kind, id: scope.id },
        organisationId: scope.organisation?.id ?? null,
      };
      await this.commandHandling.decide({
        stream: patientLinkStream(id),
        eventContext,
        decide: (history) => revokePatientLink(patientLinkFrom(history)),
        onlyIf: reads,
      });
    });
  }
}
