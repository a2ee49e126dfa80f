import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';

/**
 * How many addresses were invited in the present day of an organisation and of a caller. The table is no read model: if
 * it is lost, every day begins again.
 */
export const InvitationQuotaTable = defineEntity({
  name: 'invitation_quota',
  properties: {
    kind: p.text().primary().$type<QuotaKind>(),
    /** The organisation or the person; the platform counts as an organisation here. */
    id: p.uuid().primary(),
    /** When the day began. */
    since: p.datetime().$type<string>(),
    /** Includes what instances took ahead. They give back what they don't use. */
    used: p.integer(),
  },
});
export type QuotaKind = 'organisation' | 'caller';

/**
 * The number of distinct addresses that each person previewed in their present hour. It holds no address, only a bit
 * for each, at a place that a keyed hash selects.
 */
export const PreviewSketchTable = defineEntity({
  name: 'preview_sketch',
  properties: {
    person_id: p.uuid().primary(),
    /** When the hour began. */
    since: p.datetime().$type<string>(),
    seen: p.text().columnType('varbit'),
  },
});
export type LimitTables = InferKyselyDB<typeof InvitationQuotaTable> & InferKyselyDB<typeof PreviewSketchTable>;
