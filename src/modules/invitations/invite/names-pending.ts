/** Whether an answer names an invitation that was pending: one's own or, as far as can be told, somebody else's. */
export function namesPending(body: unknown): boolean {
  const { results } = (body ?? {}) as { results?: unknown };
  return (
    Array.isArray(results) &&
    results.some(
      ({ outcome, invitationId }: { outcome?: string; invitationId?: string }) =>
        outcome === 'already-pending' && invitationId !== undefined,
    )
  );
}
