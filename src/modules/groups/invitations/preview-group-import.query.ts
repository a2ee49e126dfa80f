import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { type ContactFileReview, ContactFileReviewing } from '../../invitations/invitations.contract.js';
import { GroupAccess } from '../group-access.js';
import { GroupInvitation } from './group-invitation.policy.js';

/** Reviews a contact file before its addresses are invited to a group. */
export class ReviewGroupContacts extends Query<ContactFileReview> {
  constructor(
    readonly actor: string,
    readonly groupId: string,
    readonly file: AsyncIterable<Uint8Array>,
  ) {
    super();
  }
}

@QueryHandler(ReviewGroupContacts)
export class ReviewGroupContactsHandler implements IQueryHandler<ReviewGroupContacts> {
  constructor(
    private readonly access: GroupAccess,
    private readonly reviewing: ContactFileReviewing,
    private readonly groupInvitation: GroupInvitation,
  ) {}

  async execute({ actor, groupId, file }: ReviewGroupContacts): Promise<ContactFileReview> {
    const { scope } = await this.access.toAppoint(actor, groupId);
    return this.reviewing.review(this.groupInvitation, { actor, scope, identifies: true, file });
  }
}
