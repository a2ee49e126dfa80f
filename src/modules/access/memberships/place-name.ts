/**
 * A scope's name for people who don't see the tree: `Cohort A (Riverside Hospital)`, or the name alone where that is
 * enough.
 */
export function placeName({ name, organisation }: { name: string; organisation: { name: string } | null }): string {
  return organisation && organisation.name !== name ? `${name} (${organisation.name})` : name;
}
