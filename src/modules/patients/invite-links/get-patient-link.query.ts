import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Authorization } from '../../access/access.contract.js';
import type { PatientLinkDetails, PatientLinkView } from './patient-link.dto.js';
import { PatientLinks, seesStaff } from './patient-links.js';

/** One link without its address, for callers who may manage it. */
export class GetPatientLink extends Query<PatientLinkDetails> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetPatientLink)
export class GetPatientLinkHandler implements IQueryHandler<GetPatientLink> {
  constructor(
    private readonly authorization: Authorization,
    private readonly links: PatientLinks,
  ) {}

  /** @throws RuleBroken `not-found` also for callers who may not see its deployment; `forbidden` */
  async execute({ actor, id }: GetPatientLink): Promise<PatientLinkDetails> {
    const row = await this.links.load(id);
    const { scope, effectivePermissions } = await this.authorization.requireVisible(actor, ['patients.manage'], {
      kind: 'deployment',
      id: row.deployment_id,
    });
    const [view] = await this.links.views([row], seesStaff(effectivePermissions, actor));
    return Object.assign(view as PatientLinkView, { scope: { kind: scope.kind, id: scope.id, name: scope.name } });
  }
}
