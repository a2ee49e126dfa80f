import { ApiProperty } from '@nestjs/swagger';
import { MemberView, NamedScope } from '../access/access.contract.js';
import { InvitePeopleDto, withWindows } from '../invitations/invitations.contract.js';
import { countedPageOf } from '../../shared/http/lists/page.dto.js';

/** Source: docs/domain.md §6.2 */
export const OBSERVER_WINDOWS = ['24h', '72h', '7d'] as const;

export class InviteObserversDto extends withWindows(InvitePeopleDto, OBSERVER_WINDOWS, '7d') {}

export class ObserverView extends MemberView {
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
}

export class ObserverPage extends countedPageOf(ObserverView) {}
