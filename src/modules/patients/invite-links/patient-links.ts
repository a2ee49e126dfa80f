import { Injectable } from '@nestjs/common';
import { generate } from 'lean-qr';
import { toSvgSource } from 'lean-qr/extras/svg';
import { Authorization, type Scope, Scopes } from '../../access/access.contract.js';
import { type EffectivePermissions, scopeOf } from '../../access/access.domain.contract.js';
import { LinkTokens } from '../../../shared/http/links/link-token.js';
import { PersonNames } from '../../people/people.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { PublicUrl } from '../../../shared/http/links/origin.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { PatientLinkUrl, PatientLinkView } from './patient-link.dto.js';
import type { PatientLinkEvent } from './patient-link.events.js';
import { evolvePatientLinkRow, type PatientLinkRow } from './patient-link-list.projection.js';
import { mustBeOpen, stateOf } from './patient-link.js';
import { patientLinkFrom, patientLinkStream } from './patient-link-uses.js';

const KIND = 'patientLink';
/** The number of this kind in links. Permanent. */
const LINK_NUMBER = 4;

/** A link through which people can ask now. */
export interface OpenPatientLink {
  id: string;
  scope: Scope;
  /** ISO UTC, exclusive. */
  expiresAt: string;
  locale: string;
}

/** Finds, shows and opens patient links. It derives their addresses, which are never stored. */
@Injectable()
export class PatientLinks {
  constructor(
    private readonly store: EventStore,
    private readonly tokens: LinkTokens,
    private readonly scopes: Scopes,
    private readonly authorization: Authorization,
    private readonly names: PersonNames,
    private readonly publicUrl: PublicUrl,
    private readonly clock: Clock,
  ) {
    tokens.register(KIND, LINK_NUMBER);
  }

  /**
   * Opens a link. Reads only, because mail scanners follow links too.
   * @throws RuleBroken `link-not-found` for a forged link, otherwise as `mustBeOpen`
   */
  async open(token: string, reads: StreamSource = this.store): Promise<OpenPatientLink> {
    const claim = this.tokens.read(token);
    if (claim?.kind !== KIND || !this.tokens.verify(token, claim.streamUuid)) throw new RuleBroken('link-not-found');
    const history = await reads.read(patientLinkStream(claim.streamUuid));
    const [created] = history;
    const scope = created && (await this.scopes.load(scopeOf(created), reads));
    if (!scope) throw new RuleBroken('link-not-found');
    const { expiresAt, locale } = mustBeOpen(
      patientLinkFrom(history),
      await this.mayInvite(created.metadata.actor, scope.id, reads),
      this.clock.now(),
    );
    return { id: claim.streamUuid, scope, expiresAt, locale };
  }

  /** The row of a link, from its stream. @throws RuleBroken `not-found` */
  async load(id: string): Promise<PatientLinkRow> {
    const history = (await this.store.read(patientLinkStream(id))) as readonly unknown[] as readonly (StoredEvent &
      PatientLinkEvent)[];
    const row = history.reduce<PatientLinkRow | undefined>(evolvePatientLinkRow, undefined);
    if (!row) throw new RuleBroken('not-found');
    return row;
  }

  /** @param identifies whether the reader may see this `personId`; otherwise they see the name alone */
  async views(rows: readonly PatientLinkRow[], identifies: (personId: string) => boolean): Promise<PatientLinkView[]> {
    const names = await this.names.of(rows.map((row) => row.created_by));
    const now = this.clock.now();
    const makers = new Map(rows.map((row) => [makerOf(row), row]));
    const mayInvite = new Map(
      await Promise.all(
        [...makers].map(async ([key, row]) => [key, await this.mayInvite(row.created_by, row.deployment_id)] as const),
      ),
    );
    return rows.map((row) => {
      const expiresAt = new Date(row.expires_at).toISOString();
      return {
        id: row.id,
        name: row.name,
        state: stateOf(
          {
            revoked: row.revoked,
            expiresAt,
            maxUses: row.max_uses,
            uses: row.uses,
            makerMayInvite: mayInvite.get(makerOf(row)) ?? false,
          },
          now,
        ),
        expiresAt,
        maxUses: row.max_uses,
        uses: row.uses,
        createdAt: new Date(row.created_at).toISOString(),
        createdBy: {
          ...(identifies(row.created_by) ? { personId: row.created_by } : {}),
          name: names.get(row.created_by) ?? null,
        },
      };
    });
  }

  /**
   * Whether the link's maker may still invite there, because a link allows no more than its maker's permissions.
   * Source: docs/domain.md §8.2
   */
  private async mayInvite(maker: string, deploymentId: string, reads: StreamSource = this.store): Promise<boolean> {
    return (
      await this.authorization.evaluate(maker, { kind: 'deployment', id: deploymentId }, reads)
    ).effectivePermissions.can('patients.manage');
  }

  /** The link's address. It is a secret, because its holder can ask for an invitation. */
  url(id: string): string {
    return `${this.publicUrl.base}/join/${this.tokens.derive({ kind: KIND, streamUuid: id, issue: 1 }, id)}`;
  }

  withQrCode(id: string): PatientLinkUrl {
    const url = this.url(id);
    return { url, qrCode: toSvgSource(generate(url), { xmlDeclaration: false }) };
  }
}

function makerOf({ created_by: maker, deployment_id: deploymentId }: PatientLinkRow): string {
  return `${maker} ${deploymentId}`;
}

/** Whether a reader sees the `personId` of a link's maker: always their own, and with `staff.view` all. */
export function seesStaff(effectivePermissions: EffectivePermissions, reader: string): (personId: string) => boolean {
  const seesAll = effectivePermissions.can('staff.view');
  return (personId) => seesAll || personId === reader;
}
