import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization } from '../../access/access.contract.js';
import {
  type InvitationAnswer,
  InvitePeopleDto,
  InvitePeople,
  MAX_RECIPIENTS,
  optionsFrom,
} from '../../invitations/invitations.contract.js';
import { EnumField } from '../../../shared/http/fields.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { PatientInvitationPolicy } from './patient-invitation.policy.js';
import { PATIENT_WINDOWS } from './patient-windows.js';

export class InvitePatientsDto extends InvitePeopleDto {
  @EnumField({ description: '`7d` unless given', of: PATIENT_WINDOWS, optional: true })
  expiresIn?: (typeof PATIENT_WINDOWS)[number];
}

/** Invites people to a deployment as patients. */
export class InvitePatients extends Command<InvitationAnswer> {
  constructor(
    readonly actor: string,
    readonly deploymentId: string,
    readonly dto: InvitePatientsDto,
  ) {
    super();
  }
}

@CommandHandler(InvitePatients)
export class InvitePatientsHandler implements ICommandHandler<InvitePatients> {
  constructor(
    private readonly authorization: Authorization,
    private readonly invitePeople: InvitePeople,
    private readonly patientInvitationPolicy: PatientInvitationPolicy,
  ) {}

  async execute({ actor, deploymentId, dto }: InvitePatients): Promise<InvitationAnswer> {
    const call = { actor, emails: dto.emails, ...optionsFrom(this.patientInvitationPolicy, dto) };
    return this.invitePeople.invite(this.patientInvitationPolicy, call, async (reads) => {
      const { scope, effectivePermissions } = await this.authorization.requireWrite(
        actor,
        'patients.manage',
        { kind: 'deployment', id: deploymentId },
        reads,
      );
      if (dto.emails.length > MAX_RECIPIENTS) throw new RuleBroken('too-many-recipients');
      return { scope, grant: {}, identifies: effectivePermissions.can('patients.view-identifiers') };
    });
  }
}
