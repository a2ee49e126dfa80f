import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import {
  CountInvitationWeeks,
  InvitationWeeksDto,
  type InvitationWeekView,
} from '../../invitations/invitations.contract.js';
import { weeksChart, type WeeksChart } from './weeks-chart.js';

const KINDS = ['staff', 'patient'] as const;

interface ChartView extends WeeksChart {
  kind: (typeof KINDS)[number];
  weeks: readonly InvitationWeekView[];
}

/** Reads and draws the invitations of a place by week. */
@Injectable()
export class WeeksCharts {
  constructor(private readonly queries: QueryBus) {}

  /** The charts that the visitor may see, without those of weeks in which nothing happened. */
  async of(viewer: string, ref: ScopeRef): Promise<ChartView[]> {
    const charts = await Promise.all(KINDS.map(async (kind) => this.chart(viewer, ref, kind)));
    return charts.filter((chart) => chart !== null && chart.most > 0) as ChartView[];
  }

  private async chart(viewer: string, ref: ScopeRef, kind: ChartView['kind']): Promise<ChartView | null> {
    try {
      const dto = Object.assign(new InvitationWeeksDto(), { kind });
      const weeks = await this.queries.execute(new CountInvitationWeeks(viewer, ref, dto));
      return { kind, weeks, ...weeksChart(weeks) };
    } catch (error) {
      if (error instanceof RuleBroken && error.code === 'forbidden') return null;
      throw error;
    }
  }
}
