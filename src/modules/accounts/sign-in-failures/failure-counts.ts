import type { HourOfFailures } from './sign-in-failures.js';

/**
 * The people whose failed sign-ins are counted separately in an hour. Without a limit a flood over many people would
 * fill the memory and the log.
 */
export const MOST_PEOPLE = 1000;
/** The hours that wait until they can be recorded. When there are more, the oldest is dropped. */
export const MOST_HOURS = 24;
const HOUR_MS = 60 * 60 * 1000;

interface Hour {
  people: Map<string, number>;
  unknownAddresses: number;
  furtherPeople: number;
}

/** Counts failed sign-ins by hour and person, in memory. */
export class FailureCounts {
  /** By the moment at which the hour begins, ISO UTC. */
  private readonly hours = new Map<string, Hour>();

  /** @param personId null: nobody has the address */
  add(at: Date, personId: string | null): void {
    const hour = this.hourOf(at);
    if (personId === null) hour.unknownAddresses += 1;
    else if (hour.people.has(personId) || hour.people.size < MOST_PEOPLE)
      hour.people.set(personId, (hour.people.get(personId) ?? 0) + 1);
    else hour.furtherPeople += 1;
  }

  /** The hours with counts, the oldest first. @param endedBy absent: the present hour too */
  waiting(endedBy?: Date): string[] {
    const hours = [...this.hours.keys()].sort();
    return endedBy ? hours.filter((hour) => hour < beginOf(endedBy)) : hours;
  }

  of(hour: string): HourOfFailures[] {
    const { people, unknownAddresses, furtherPeople } = this.hours.get(hour) ?? emptyHour();
    return [
      ...[...people].map(([personId, count]): HourOfFailures => ({ of: 'person', personId, hour, count })),
      { of: 'unknown-addresses' as const, personId: null, hour, count: unknownAddresses },
      { of: 'further-people' as const, personId: null, hour, count: furtherPeople },
    ].filter(({ count }) => count > 0);
  }

  forget(hour: string): void {
    this.hours.delete(hour);
  }

  private hourOf(at: Date): Hour {
    const begin = beginOf(at);
    const known = this.hours.get(begin);
    if (known) return known;
    const [oldest] = this.waiting();
    if (oldest !== undefined && this.hours.size >= MOST_HOURS) this.forget(oldest);
    const hour = emptyHour();
    this.hours.set(begin, hour);
    return hour;
  }
}

function emptyHour(): Hour {
  return { people: new Map(), unknownAddresses: 0, furtherPeople: 0 };
}

function beginOf(at: Date): string {
  return new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS).toISOString();
}
