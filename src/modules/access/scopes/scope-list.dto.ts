import { MultilineField } from '../../../shared/http/fields.js';
import { CountedPageDto } from '../../../shared/http/lists/page.dto.js';

/** The query of a list of organisations or deployments. */
export class ScopeListDto extends CountedPageDto {
  @MultilineField({ description: 'Text that the name contains', max: 200, optional: true })
  q?: string;
}
