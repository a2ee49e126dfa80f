import { Query, QueryBus, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Authorization, Sights } from '../../access/access.contract.js';
import {
  identifyingStaff,
  type InvitationListDto,
  type InvitationView,
  ListInvitations,
} from '../../invitations/invitations.contract.js';
import type { Page } from '../../../shared/http/lists/pagination.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';

/**
 * Invitations of patients to a deployment, for callers who may see its patients. Searching and sorting by address needs
 * the right to identify them.
 */
export class ListPatientInvitations extends Query<Page<InvitationView>> {
  constructor(
    readonly actor: string,
    readonly deploymentId: string,
    readonly dto: InvitationListDto,
  ) {
    super();
  }
}

@QueryHandler(ListPatientInvitations)
export class ListPatientInvitationsHandler implements IQueryHandler<ListPatientInvitations> {
  constructor(
    private readonly authorization: Authorization,
    private readonly sights: Sights,
    private readonly queries: QueryBus,
  ) {}

  async execute({ actor, deploymentId, dto }: ListPatientInvitations): Promise<Page<InvitationView>> {
    const authorization = await this.authorization.requireRead(actor, 'patients.view', {
      kind: 'deployment',
      id: deploymentId,
    });
    const sight = await this.sights.of(actor, 'patients.view-identifiers', authorization);
    const { state, q, sort, limit, cursor } = dto;
    if ((q || sort.endsWith('email')) && !sight.identifies) throw new RuleBroken('forbidden');
    return this.queries.execute(
      new ListInvitations(
        actor,
        'patient',
        { scope: authorization.scope, sight, inviters: identifyingStaff(authorization.effectivePermissions) },
        { state, q },
        { sort, limit, cursor },
      ),
    );
  }
}
