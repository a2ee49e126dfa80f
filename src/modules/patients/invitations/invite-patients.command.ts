import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Access } from '../../access/access.contract.js';
import {
  type InvitationAnswer,
  InvitePeopleDto,
  Inviting,
  MAX_RECIPIENTS,
  termsOf,
} from '../../invitations/invitations.contract.js';
import { Choice } from '../../../shared/http/fields.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { PatientInvitation } from './patient-invitation.policy.js';
import { PATIENT_WINDOWS } from './patient-windows.js';

export class InvitePatientsDto extends InvitePeopleDto {
  @Choice({ description: '`7d` unless given', of: PATIENT_WINDOWS, optional: true })
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
    private readonly access: Access,
    private readonly inviting: Inviting,
    private readonly patientInvitation: PatientInvitation,
  ) {}

  async execute({ actor, deploymentId, dto }: InvitePatients): Promise<InvitationAnswer> {
    const call = { actor, emails: dto.emails, ...termsOf(this.patientInvitation, dto) };
    return this.inviting.invite(this.patientInvitation, call, async (reads) => {
      const { scope, authority } = await this.access.toWrite(
        actor,
        'patients.manage',
        { kind: 'deployment', id: deploymentId },
        reads,
      );
      if (dto.emails.length > MAX_RECIPIENTS) throw new RuleBroken('too-many-recipients');
      return { scope, grant: {}, identifies: authority.can('patients.view-identifiers') };
    });
  }
}
