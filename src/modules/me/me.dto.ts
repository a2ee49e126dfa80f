import { ApiProperty } from '@nestjs/swagger';
import { GroupMembershipView } from '../groups/groups.contract.js';
import { EnrolmentView } from '../patients/patients.contract.js';
import { GuestPlaceView } from '../invitations/invitations.contract.js';
import { IdentifiedPerson } from '../people/people.contract.js';
import { StaffMemberView } from '../staff/staff.contract.js';

export class Me extends IdentifiedPerson {
  @ApiProperty({ type: [StaffMemberView], description: 'Your staff memberships' })
  memberships: StaffMemberView[];
  @ApiProperty({ type: [GroupMembershipView], description: 'Your group memberships' })
  groups: GroupMembershipView[];
  @ApiProperty({ type: [EnrolmentView], description: 'Your enrolments as a patient, active and offboarded' })
  enrolments: EnrolmentView[];
  @ApiProperty({ type: [GuestPlaceView], description: 'Your memberships without a role' })
  guestOf: GuestPlaceView[];
}
