import type { RawBuilder } from 'kysely';
import type { MemberListDto } from '../../access/access.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import type { WithinParameter } from '../lists/within.dto.js';

/** A call that lists the members of a scope. */
export interface MemberListCall {
  actor: string;
  scope: ScopeRef;
  dto: Pick<MemberListDto, 'limit' | 'cursor' | 'q' | 'sort' | 'total'> & WithinParameter;
}

/** The columns that every read model of memberships has. */
export interface MemberRow {
  id: string;
  person_id: string;
  organisation_id: string | null;
  since: string | null;
}

/** The members that an authorised caller may list, and how they are shown. */
export interface ListedMembers {
  /** Conditions on the type's table. */
  where: readonly RawBuilder<boolean>[];
  /** The scopes that the list shows; absent if it shows that of the call. */
  scopeIds?: readonly string[];
  /** Functions from a stored id to the id in cursors, and back; absent if cursors hold the stored id. */
  cursorIds?: readonly [shown: (id: string) => string, stored: (id: string) => string];
  show(rows: readonly MemberRow[]): Promise<object[]>;
}
