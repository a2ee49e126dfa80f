import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Authorization } from '../../access/access.contract.js';
import type { PatientLinkUrl } from './patient-link.dto.js';
import { PatientLinks } from './patient-links.js';

/** The address of a link, for callers who may manage it. */
export class GetPatientLinkUrl extends Query<PatientLinkUrl> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetPatientLinkUrl)
export class GetPatientLinkUrlHandler implements IQueryHandler<GetPatientLinkUrl> {
  constructor(
    private readonly authorization: Authorization,
    private readonly links: PatientLinks,
  ) {}

  async execute({ actor, id }: GetPatientLinkUrl): Promise<PatientLinkUrl> {
    const { deployment_id: deploymentId } = await this.links.load(id);
    await this.authorization.requireVisible(actor, ['patients.manage'], { kind: 'deployment', id: deploymentId });
    return this.links.withQrCode(id);
  }
}
