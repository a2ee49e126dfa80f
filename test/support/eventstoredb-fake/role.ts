import type { Metadata } from '@grpc/grpc-js';
import type { Failure } from './failures.js';
import type { NodeState } from './node-state.js';

/** Whether the caller wants the leader's answer and no other's. */
export function requiresLeader(metadata: Metadata): boolean {
  return metadata.get('requires-leader').some((value) => String(value).toLowerCase() === 'true');
}

/** What a node is in its cluster: it leads, it follows a leader, or it knows of none. Alone it leads. */
export class Role {
  private following: NodeState | 'nobody' | undefined;

  /**
   * Who writes what is appended here without `requires-leader`: a follower hands that on. Undefined: this node itself,
   * or no leader is known.
   */
  get leader(): NodeState | undefined {
    return this.following === 'nobody' ? undefined : this.following;
  }

  get leads(): boolean {
    return this.following === undefined;
  }

  lead(): void {
    this.following = undefined;
  }

  follow(leader: NodeState): void {
    this.following = leader;
  }

  knowNoLeader(): void {
    this.following = 'nobody';
  }

  /** How a call ends that requires the leader, here; undefined for the leader itself. `unavailable` is what a server says that isn't ready. */
  refusal(needsLeader: boolean): Extract<Failure, 'unavailable' | object> | undefined {
    if (!needsLeader || this.following === undefined) return undefined;
    if (this.following === 'nobody') return 'unavailable';
    return { notLeader: { host: '127.0.0.1', port: this.following.connections.port } };
  }

  /** The same of an append: without a leader no node takes any. */
  refusalOfAppend(needsLeader: boolean): 'not-ready' | Extract<Failure, object> | undefined {
    const refusal = this.refusal(needsLeader || this.following === 'nobody');
    return refusal === 'unavailable' ? 'not-ready' : refusal;
  }
}
