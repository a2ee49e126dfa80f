import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { NetworkDto, NetworkPage } from './group-invitation.dto.js';
import { ListGroupNetwork } from './list-group-network.query.js';

/**
 * The route for the people whom administrators of a group may pick. Account administrators may also pick them, as
 * administrators.
 */
@ApiTags('Group invitations')
@Controller('v1')
export class GroupNetworkController {
  constructor(private readonly queries: QueryBus) {}

  @Get('groups/:id/network')
  @Operation({
    id: 'groupInvitationsNetwork',
    summary: 'List the network of a group, ordered by name',
    description:
      'Staff and group members of the organisation who are not in the group. For callers who may invite to the group and have a role in the organisation.',
    at: 'group',
    answers: NetworkPage,
    codes: ['forbidden'],
  })
  async network(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() dto: NetworkDto,
  ): Promise<NetworkPage> {
    return this.queries.execute(new ListGroupNetwork(actor, id, dto));
  }
}
