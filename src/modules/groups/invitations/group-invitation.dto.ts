import { BooleanField, MultilineField } from '../../../shared/http/fields.js';
import { PageDto, pageOf } from '../../../shared/http/lists/page.dto.js';
import { IdentifiedPerson } from '../../people/people.contract.js';
import { PickPeopleDto, withWindows } from '../../invitations/invitations.contract.js';

/** Source: docs/domain.md §6.2 */
export const GROUP_WINDOWS = ['24h', '72h', '7d', '30d'] as const;

/** An invitation call with one permission set for all its people. It has `emails`, `personIds` or both. */
export class InviteGroupMembersDto extends withWindows(PickPeopleDto, GROUP_WINDOWS, '30d') {
  @BooleanField({ description: 'Whether the member may invite, change members and see all content', example: false })
  administrator: boolean;
  @BooleanField({ description: 'Whether the member may create, edit and upload', example: true })
  contentCreator: boolean;
}

/** What a change of a group invitation may name besides its window. An absent field stays. */
export class ChangedSetDto {
  @BooleanField({
    description: 'Whether the member may invite, change members and see all content',
    example: false,
    optional: true,
  })
  administrator?: boolean;
  @BooleanField({ description: 'Whether the member may create, edit and upload', example: true, optional: true })
  contentCreator?: boolean;
}

export class NetworkDto extends PageDto {
  @MultilineField({ description: 'Text that the name or address contains', max: 254, optional: true })
  q?: string;
}

/** A person whom the caller may pick by their id. */
export class NetworkPerson extends IdentifiedPerson {}

export class NetworkPage extends pageOf(NetworkPerson) {}
