import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { CountInvitationWeeks } from './count-invitation-weeks.query.js';
import { InvitationWeeksDto, InvitationWeeksView } from './invitation-weeks.dto.js';

/** Routes that count invitations by week. */
@ApiTags('Invitation weeks')
@Controller('v1')
export class InvitationWeeksController {
  constructor(private readonly queries: QueryBus) {}

  @Get('organisations/:id/invitation-weeks')
  @Operation({
    id: 'invitationWeeksOfOrganisation',
    summary: 'Count the invitations of an organisation by week',
    description:
      'For callers who may list invitations of this type in the organisation or in one of its deployments. The counts include the deployments in which they may.',
    at: 'organisation',
    answers: InvitationWeeksView,
    codes: ['forbidden'],
  })
  async ofOrganisation(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() dto: InvitationWeeksDto,
  ): Promise<InvitationWeeksView> {
    return { items: await this.queries.execute(new CountInvitationWeeks(actor, { kind: 'organisation', id }, dto)) };
  }

  @Get('deployments/:id/invitation-weeks')
  @Operation({
    id: 'invitationWeeksOfDeployment',
    summary: 'Count the invitations of a deployment by week',
    description: 'For callers who may list invitations of this type in the deployment.',
    at: 'deployment',
    answers: InvitationWeeksView,
    codes: ['forbidden', 'offboarded'],
  })
  async ofDeployment(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() dto: InvitationWeeksDto,
  ): Promise<InvitationWeeksView> {
    return { items: await this.queries.execute(new CountInvitationWeeks(actor, { kind: 'deployment', id }, dto)) };
  }
}
