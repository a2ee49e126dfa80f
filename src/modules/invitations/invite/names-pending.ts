/** Whether an answer names a pending invitation. The answer doesn't say whether the caller or somebody else sent it. */
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
