import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Access } from '../../access/access.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { Decisions, newId, type Decide } from '../../../shared/event-sourcing/command-handling.js';
import { DEFAULT_LOCALE } from '../../../shared/mail/locales.js';
import type { CreatedPatientLink, CreatePatientLinkDto } from './patient-link.dto.js';
import { createPatientLink } from './patient-link.js';
import { patientLinkFrom, patientLinkStream } from './patient-link-uses.js';
import { PatientLinks } from './patient-links.js';

/** Makes a link by which patients ask for their own invitation. */
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
    private readonly access: Access,
    private readonly decisions: Decisions,
    private readonly links: PatientLinks,
    private readonly clock: Clock,
  ) {}

  async execute({ actor, deploymentId, dto }: CreatePatientLink): Promise<CreatedPatientLink> {
    const id = newId('patientLink');
    const terms = {
      name: dto.name ?? null,
      window: dto.expiresIn,
      maxUses: dto.maxUses ?? null,
      locale: dto.locale ?? DEFAULT_LOCALE,
    };
    await this.decisions.retrying(async (reads) => {
      const { scope } = await this.access.toWrite(
        actor,
        'patients.manage',
        { kind: 'deployment', id: deploymentId },
        reads,
      );
      const attribution = {
        actor,
        scope: { kind: scope.kind, id: scope.id },
        organisationId: scope.organisation?.id ?? null,
      };
      const decide: Decide = (history) => createPatientLink(patientLinkFrom(history), terms, this.clock.now());
      await this.decisions.decide({ stream: patientLinkStream(id), attribution, decide, onlyIf: reads });
    });
    const [view] = await this.links.views([await this.links.load(id)], (creator) => creator === actor);
    if (!view) throw new TypeError('one row, one view');
    return Object.assign(view, { url: this.links.url(id) });
  }
}
