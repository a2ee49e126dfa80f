import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Access } from '../../access/access.contract.js';
import { type ContactFileReview, ContactFileReviewing } from '../../invitations/invitations.contract.js';
import type { ScopeRef } from '../../../shared/event-sourcing/scope-ref.js';
import { StaffInvitation } from './staff-invitation.policy.js';

/** Reviews a contact file before its addresses are invited to the staff of a scope. */
export class ReviewStaffContacts extends Query<ContactFileReview> {
  constructor(
    readonly actor: string,
    readonly scope: ScopeRef,
    readonly file: AsyncIterable<Uint8Array>,
  ) {
    super();
  }
}

@QueryHandler(ReviewStaffContacts)
export class ReviewStaffContactsHandler implements IQueryHandler<ReviewStaffContacts> {
  constructor(
    private readonly access: Access,
    private readonly reviewing: ContactFileReviewing,
    private readonly staffInvitation: StaffInvitation,
  ) {}

  async execute({ actor, scope: ref, file }: ReviewStaffContacts): Promise<ContactFileReview> {
    const { scope, authority } = await this.access.toReview(actor, 'staff.manage', ref);
    return this.reviewing.review(this.staffInvitation, { actor, scope, identifies: authority.can('staff.view'), file });
  }
}
