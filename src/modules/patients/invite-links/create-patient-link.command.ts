import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization } from '../../access/access.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { CommandHandling, newId, type Decide } from '../../../shared/event-sourcing/command-handling.js';
import { DEFAULT_LOCALE } from '../../../shared/mail/texts.js';
import type { CreatedPatientLink, CreatePatientLinkDto } from './patient-link.dto.js';
import { createPatientLink } from './patient-link.js';
import { patientLinkFrom, patientLinkStream } from './patient-link-uses.js';
import { PatientLinks } from './patient-links.js';

/** Creates a link through which people ask for a patient invitation. */
export class CreatePatientLink extends Command<CreatedPatientLink> {
  constructor(
    readonly actor: string,
    readonly deploymentId: string,
    readonly dto: CreatePatientLinkDto,
  ) {
    super();
  }
}

@CommandHandler(CreatePatientLink)
export class CreatePatientLinkHandler implements ICommandHandler<CreatePatientLink> {
  constructor(
    private readonly authorization: Authorization,
    private readonly commandHandling: CommandHandling,
    private readonly links: PatientLinks,
    private readonly clock: Clock,
  ) {}

  async execute({ actor, deploymentId, dto }: CreatePatientLink): Promise<CreatedPatientLink> {
    const id = newId('patientLink');
    const options = {
      name: dto.name ?? null,
      window: dto.expiresIn,
      maxUses: dto.maxUses ?? null,
      locale: dto.locale ?? DEFAULT_LOCALE,
    };
    await this.commandHandling.retrying(async (reads) => {
      const { scope } = await this.authorization.requireWrite(
        actor,
        'patients.manage',
        { kind: 'deployment', id: deploymentId },
        reads,
      );
      const eventContext = {
        actor,
        scope: { kind: scope.kind, id: scope.id },
        organisationId: scope.organisation?.id ?? null,
      };
      const decide: Decide = (history) => createPatientLink(patientLinkFrom(history), options, this.clock.now());
      await this.commandHandling.decide({
        stream: patientLinkStream(id),
        eventContext,
        decide,
        onlyIf: reads,
      });
    });
    const [view] = await this.links.views([await this.links.load(id)], (creator) => creator === actor);
    if (!view) throw new TypeError('the row has no view');
    return Object.assign(view, { url: this.links.url(id) });
  }
}
