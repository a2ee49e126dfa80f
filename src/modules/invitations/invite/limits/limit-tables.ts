import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';

/** How many addresses were invited in the present day of an organisation and of a caller. No read model: lost, everybody's day begins anew. */
export const InvitationQuotaTable = defineEntity({
  name: 'invitation_quota',
  properties: {
    kind: p.text().primary().$type<QuotaKind>(),
    /** Of the organisation or the person; the platform is an organisation here. */
    id: p.uuid().primary(),
    /** When the day began. */
    since: p.datetime().$type<string>(),
    /** Instances take some of them ahead, and give back what they don't use. */
    used: p.integer(),
  },
});
export type QuotaKind = 'organisation' | 'caller';

/** About how many distinct addresses each person asked in their present hour. Holds no address: a bit for each, at a place that its keyed hash says. */
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
