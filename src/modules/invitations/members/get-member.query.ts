import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { InvitationPolicies } from '../policy/invitation-policy.js';

/** One member of a type, for callers who may see them. */
export class GetMember extends Query<object> {
  constructor(
    readonly actor: string,
    readonly kind: string,
    readonly membershipId: string,
  ) {
    super();
  }
}

@QueryHandler(GetMember)
export class GetMemberHandler implements IQueryHandler<GetMember> {
  constructor(private readonly policies: InvitationPolicies) {}

  async execute({ actor, kind, membershipId }: GetMember): Promise<object> {
    return this.policies.of(kind).getMember(actor, membershipId);
  }
}
