import { Metadata, status, type StatusObject } from '@grpc/grpc-js';

/** The errors that may end a call. `notLeader` names the endpoint of the leader. */
export type Failure =
  | 'unavailable'
  | 'deadline-exceeded'
  | 'timeout'
  | 'cancelled'
  | 'access-denied'
  | 'unauthenticated'
  | { notLeader: { host: string; port: number } };

/** The status that ends the call, in the server's words. */
export function statusOf(failure: Failure): StatusObject {
  if (typeof failure === 'object') {
    const { host, port } = failure.notLeader;
    return exception(status.NOT_FOUND, 'Leader info available', {
      exception: 'not-leader',
      'leader-endpoint-host': host,
      'leader-endpoint-port': String(port),
    });
  }
  switch (failure) {
    case 'unavailable':
      return exception(status.UNAVAILABLE, 'Server Is Not Ready');
    case 'deadline-exceeded':
      return exception(status.DEADLINE_EXCEEDED, 'Deadline Exceeded');
    case 'timeout':
      return exception(status.ABORTED, 'Operation timed out');
    case 'cancelled':
      return exception(status.CANCELLED, 'Call canceled by the server');
    case 'access-denied':
      return exception(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
    case 'unauthenticated':
      return exception(status.UNAUTHENTICATED, 'Unauthenticated');
  }
}

/** The status of a call for a permanently deleted stream. */
export function streamDeleted(stream: string): StatusObject {
  return exception(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });
}

/** A status with the trailing metadata that the client reads. */
export function exception(code: status, details: string, entries: Record<string, string> = {}): StatusObject {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) metadata.set(key, value);
  return { code, details, metadata };
}
