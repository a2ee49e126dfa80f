import type { Metadata } from '@grpc/grpc-js';
import type { Failure } from './failures.js';
import type { NodeState } from './node-state.js';

/** Whether the caller accepts only the leader's answer. */
export function requiresLeader(metadata: Metadata): boolean {
  return metadata.get('requires-leader').some((value) => String(value).toLowerCase() === 'true');
}

/** The role of a node in its cluster: leader, follower, or without a known leader. A single node leads. */
export class Role {
  private following: NodeState | 'nobody' | undefined;

  /**
   * The leader to which this follower forwards appends without `requires-leader`. Undefined if this node leads or knows
   * no leader.
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

  /** The end of a call that requires the leader. Undefined at the leader. `unavailable` is the answer without a leader. */
  refusal(needsLeader: boolean): Extract<Failure, 'unavailable' | object> | undefined {
    if (!needsLeader || this.following === undefined) return undefined;
    if (this.following === 'nobody') return 'unavailable';
    return { notLeader: { host: '127.0.0.1', port: this.following.connections.port } };
  }

  /** The refusal of an append, which no node takes without a leader. */
  refusalOfAppend(needsLeader: boolean): 'not-ready' | Extract<Failure, object> | undefined {
    const refusal = this.refusal(needsLeader || this.following === 'nobody');
    return refusal === 'unavailable' ? 'not-ready' : refusal;
  }
}
