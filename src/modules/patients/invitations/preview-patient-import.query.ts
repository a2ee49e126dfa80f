import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Access } from '../../access/access.contract.js';
import { type ContactFileReview, ContactFileReviewing } from '../../invitations/invitations.contract.js';
import { PatientInvitation } from './patient-invitation.policy.js';

/** Reviews a contact file before its addresses are invited as patients. */
export class ReviewPatientContacts extends Query<ContactFileReview> {
  constructor(
    readonly actor: string,
    readonly deploymentId: string,
    readonly file: AsyncIterable<Uint8Array>,
  ) {
    super();
  }
}

@QueryHandler(ReviewPatientContacts)
export class ReviewPatientContactsHandler implements IQueryHandler<ReviewPatientContacts> {
  constructor(
    private readonly access: Access,
    private readonly reviewing: ContactFileReviewing,
    private readonly patientInvitation: PatientInvitation,
  ) {}

  async execute({ actor, deploymentId, file }: ReviewPatientContacts): Promise<ContactFileReview> {
    const { scope, authority } = await this.access.toReview(actor, 'patients.manage', {
      kind: 'deployment',
      id: deploymentId,
    });
    return this.reviewing.review(this.patientInvitation, {
      actor,
      scope,
      identifies: authority.can('patients.view-identifiers'),
      file,
    });
  }
}
