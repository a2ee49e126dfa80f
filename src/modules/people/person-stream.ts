/** Everybody's own choices are on one stream. */
export function personStream(personId: string): string {
  return `person-${personId}`;
}
