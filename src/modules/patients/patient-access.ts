import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Authorization, type AuthorizationResult, type Sight, Sights } from '../access/access.contract.js';
import type { Permission } from '../access/access.domain.contract.js';
import { Database } from '../../shared/database/database.js';
import { uuids } from '../../shared/database/lists.js';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import type { ReadSet, StreamSource } from '../../shared/event-sourcing/append-condition.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import type { PatientTables } from './enrolment/patient-list.projection.js';
import { PatientStreams, type LoadedPatient } from './patient-streams.js';

/** A patient, and how the reader sees the patients there. */
export interface SeenPatient extends LoadedPatient {
  authorization: AuthorizationResult;
  sight: Sight;
}

/**
 * Decides who may see a patient by their id, and which id the patient has for them. Callers with `patients.view` there
 * may, and the patient. Source: docs/domain.md §5.2
 */
@Injectable()
export class PatientAccess {
  constructor(
    private readonly authorization: Authorization,
    private readonly sights: Sights,
    private readonly streams: PatientStreams,
    private readonly database: Database,
    private readonly store: EventStore,
  ) {}

  /**
   * The patient that an id names to a reader.
   * @throws RuleBroken `not-found` for readers who may not see them; `offboarded` for an offboarded patient who has no
   * other right there
   */
  async open(reader: string, id: string, reads: StreamSource = this.store): Promise<SeenPatient> {
    let seen: Pick<SeenPatient, 'authorization' | 'sight'> | undefined;
    const loaded = await this.sights.find(reader, id, {
      load: async (storedId) => this.streams.find(storedId, reads),
      existing: async (ids) => this.existing(ids),
      see: async ({ patient, scope }) => {
        const authorization = await this.authorization.evaluate(reader, scope, reads);
        const isOwn = patient.personId === reader;
        if (!isOwn && !authorization.effectivePermissions.can('patients.view')) return null;
        const sight = await this.sights.of(reader, 'patients.view-identifiers', authorization);
        seen = { authorization, sight };
        return { ...sight, identifies: identifiesPatient(reader, patient.personId, sight) };
      },
    });
    return { ...loaded, ...(seen as Pick<SeenPatient, 'authorization' | 'sight'>) };
  }

  /**
   * Admits a caller with the permission to a change of another patient. Staff who are patients too can't change
   * themselves, but may leave.
   * @throws RuleBroken also `forbidden`, `scope-archived`, `own-enrolment`
   */
  async openToChange(actor: string, id: string, permission: Permission, reads: ReadSet): Promise<SeenPatient> {
    const opened = await this.open(actor, id, reads);
    await this.authorization.requireChange(actor, permission, opened.scope, reads);
    if (opened.patient.personId === actor) throw new RuleBroken('own-enrolment');
    return opened;
  }

  private async existing(ids: readonly string[]): Promise<string[]> {
    const rows = await this.database
      .kysely<PatientTables>()
      .selectFrom('patient')
      .select('id')
      .where(sql<boolean>`id = any(${uuids(ids)})`)
      .execute();
    return rows.map(({ id }) => id);
  }
}

/** Whether a reader may identify a patient. */
export function identifiesPatient(reader: string, personId: string, { identifies }: Sight): boolean {
  return identifies || reader === personId;
}

/**
 * Refuses an offboarded patient who isn't on the deployment's staff, because no route of the deployment is open to
 * them.
 * @throws RuleBroken `offboarded`
 */
export function mustNotBeOffboarded(reader: string, { patient, authorization }: SeenPatient): void {
  if (
    patient.personId === reader &&
    patient.status === 'offboarded' &&
    authorization.effectivePermissions.roles.length === 0
  )
    throw new RuleBroken('offboarded');
}
