/** What to call a scope to somebody who doesn't see the tree: `Cohort A (Riverside Hospital)`, or its name alone where that says it all. */
export function placeName({ name, organisation }: { name: string; organisation: { name: string } | null }): string {
  return organisation && organisation.name !== name ? `${name} (${organisation.name})` : name;
}
