import type { Type } from '@nestjs/common';
import { EnumField } from '../../../shared/http/fields.js';
import type { PageDto } from '../../../shared/http/lists/page.dto.js';

/** The parameter of a list that can include the scopes below its own. */
export interface WithinParameter {
  within?: 'all';
}

/** The query of a list under an organisation that can include the organisation's deployments. */
export function withDeployments<Query extends PageDto>(query: Type<Query>): Type<Query & WithinParameter> {
  class WithDeployments extends (query as Type<PageDto>) implements WithinParameter {
    @EnumField({
      description:
        '`all`: includes the deployments of the organisation in which you may read this list. You need the permission in the organisation, or in one of its deployments.',
      of: ['all'],
      optional: true,
    })
    within?: 'all';
  }
  return WithDeployments as unknown as Type<Query & WithinParameter>;
}
