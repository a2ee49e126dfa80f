import { ApiProperty } from '@nestjs/swagger';
import { EnumField, BooleanField, MultilineField } from '../../../shared/http/fields.js';
import { PageDto, pageOf } from '../../../shared/http/lists/page.dto.js';
import { PickPeopleDto } from '../../invitations/invitations.contract.js';
import { GROUP_WINDOWS } from './group-invitation.policy.js';

/** One permission set for everybody in the call; `emails`, `personIds` or both. */
export class InviteGroupMembersDto extends PickPeopleDto {
  @BooleanField({ description: 'Invites, changes members, sees all content' })
  administrator: boolean;
  @BooleanField({ description: 'Creates, edits, uploads' })
  contentCreator: boolean;
  @EnumField({ description: '`30d` unless given', of: GROUP_WINDOWS, optional: true })
  expiresIn?: (typeof GROUP_WINDOWS)[number];
}

export class ResendGroupInvitationDto {
  @EnumField({ description: 'The same window as before unless given', of: GROUP_WINDOWS, optional: true })
  expiresIn?: (typeof GROUP_WINDOWS)[number];
}

export class NetworkDto extends PageDto {
  @MultilineField({ description: 'Name or address contains this', max: 254, optional: true })
  q?: string;
}

/** A person who can be picked by their id. */
export class NetworkPerson {
  @ApiProperty({ type: String, format: 'uuid' })
  personId: string;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  @ApiProperty({ type: String, nullable: true })
  email: string | null;
}

export class NetworkPage extends pageOf(NetworkPerson) {}
