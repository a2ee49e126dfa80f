import { ApiProperty } from '@nestjs/swagger';
import { GroupMembershipView } from '../groups/groups.contract.js';
import { EnrolmentView } from '../patients/patients.contract.js';
import { StaffMemberView } from '../staff/staff.contract.js';

export class Me {
  @ApiProperty({ type: String, format: 'uuid' })
  personId: string;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  @ApiProperty({ type: String, nullable: true })
  email: string | null;
  @ApiProperty({ type: [StaffMemberView], description: 'Where you are on the staff' })
  memberships: StaffMemberView[];
  @ApiProperty({ type: [GroupMembershipView], description: 'Groups that you are in' })
  groups: GroupMembershipView[];
  @ApiProperty({ type: [EnrolmentView], description: 'Where you are a patient, or were until you were offboarded' })
  enrolments: EnrolmentView[];
}
