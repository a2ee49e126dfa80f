import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ScopeKind, ScopeRef } from '../../access/access.domain.contract.js';
import { pageOf, readCursor } from '../../../shared/http/lists/pagination.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import type { AccessChangesDto, AccessStepsPage, AccessStepView } from '../access/access.dto.js';
import { GrantViews } from '../access/grant-views.js';
import { Instants } from '../access/instants.js';
import { HistoryRunner } from '../history-runner.js';
import { HistoryAccess } from '../reading/history-access.js';
import { AccessSteps } from './access-steps.js';

/** How what one person might do in a scope changed over time, the earliest first. */
export class ListAccessSteps extends Query<AccessStepsPage> {
  constructor(
    readonly reader: string,
    readonly scope: ScopeRef,
    readonly asked: AccessChangesDto,
  ) {
    super();
  }
}

@QueryHandler(ListAccessSteps)
export class ListAccessStepsHandler implements IQueryHandler<ListAccessSteps> {
  constructor(
    private readonly access: HistoryAccess,
    private readonly runner: HistoryRunner,
    private readonly instants: Instants,
    private readonly steps: AccessSteps,
    private readonly grantViews: GrantViews,
  ) {}

  async execute({ reader, scope: ref, asked }: ListAccessSteps): Promise<AccessStepsPage> {
    const { scope, viewpoint, scopeIds } = await this.access.open(reader, ref);
    const { person, limit } = asked;
    // The cursor holds the instant, so that all pages are of the same one, and how many steps went before.
    const after = readCursor(asked.cursor, ['number', 'number']);
    await this.runner.mustShowEverything();
    const { number } = await this.instants.find(after ? { number: Number(after[0]) } : {});
    const organisationId = scope.organisation?.id ?? null;
    const people = viewpoint.meaningsOf(person, organisationId, scopeIds);
    const held = (await this.steps.heldBy(people, scope, number)).filter(
      (period) => viewpoint.see(period.person_id, period.kind, period).personId === person,
    );
    const [steps, names] = [await this.steps.of(held, organisationId, number), await this.grantViews.namesOf(held)];
    const start = Math.max(0, Number(after?.[1] ?? 0));
    const rows = steps.slice(start, start + limit + 1);
    const page = pageOf(rows, limit, () => [number, start + limit].map(String));
    const times = await this.steps.timesOf(page.items.map((step) => step.number));
    const [known] = held;
    return {
      items: page.items.map(({ number: at, period, meaning, scopeName, gained, lost }): AccessStepView => {
        const { kind, person_id: id, key } = period;
        const identifies = viewpoint.identifies(id, kind, period);
        const [membershipId = ''] = viewpoint.seeIds([StreamId.parse(key).uuid], identifies, period);
        return {
          number: at,
          at: times.get(at) ?? '',
          kind: kind === 'groupMember' ? 'group-member' : kind,
          membershipId,
          scope: { kind: period.scope_kind as ScopeKind, id: period.scope_id, name: scopeName ?? scope.name },
          roleName: meaning?.name ?? null,
          gained,
          lost,
          permissions: meaning?.permissions ?? [],
          entries: [at],
        };
      }),
      nextCursor: page.nextCursor,
      number,
      person: known ? this.grantViews.person(viewpoint, known, number, names) : null,
    };
  }
}
