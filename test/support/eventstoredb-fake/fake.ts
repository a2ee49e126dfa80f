import { randomUUID } from 'node:crypto';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { AppendRules } from './append-rules.js';
import { append, batchAppend } from './append-service.js';
import { Connections } from './connections.js';
import { deleteStream, tombstoneStream } from './delete-service.js';
import { gossipRead, supportedMethods, type Member } from './features-and-gossip.js';
import type { Failure } from './failures.js';
import { Faults, type AppendFailure } from './faults.js';
import { Log } from './log.js';
import type { Counters, NodeState } from './node-state.js';
import { read } from './read-service.js';
import { Replication } from './replication.js';
import { Rights } from './rights.js';
import { Role } from './role.js';
import { Subscriptions } from './subscriptions.js';
import { writeFirstSystemEvents, writeStatisticsBetween } from './system-events.js';

const MAX_MESSAGE_BYTES = 17 * 1024 * 1024;
const STATISTICS_EVERY = 50;

interface Options {
  /** The port, by default a free one. */
  port?: number;
  /** The log, by default a new one. The nodes of a cluster share one. */
  log?: Log;
  /** With a certificate the node takes only TLS, over which clients send user and password. Without, it takes no TLS. */
  certificate?: { cert: string; key: string };
  /** False makes it a server of before BatchAppend, on which the client uses Append. */
  batchAppend?: boolean;
}

/**
 * A fake EventStoreDB that the real client calls over gRPC, with faults on demand. README.md lists what it imitates.
 */
export class FakeEventStoreDb {
  readonly log: Log;
  readonly counters: Counters = {
    committed: 0,
    repeated: 0,
    dropped: 0,
    wrongRevisions: 0,
    answersLost: 0,
    singleAppends: 0,
    reads: 0,
    examined: 0,
  };
  private readonly node: NodeState;
  private readonly server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  });
  private readonly instanceId = randomUUID();
  private readonly endSessions: () => void;
  private members: readonly Member[] | undefined;

  private constructor({ log, certificate, batchAppend: offersBatch = true }: Options) {
    this.log = log ?? newLog();
    const injector = this.server.createConnectionInjector(
      certificate ? secured(certificate) : ServerCredentials.createInsecure(),
    );
    this.endSessions = () => {
      injector.drain(0);
    };
    const faults = new Faults();
    this.node = {
      log: this.log,
      rules: new AppendRules(this.log),
      role: new Role(),
      rights: new Rights(this.log),
      replication: new Replication(),
      faults,
      connections: new Connections((socket) => {
        injector.injectConnection(socket);
      }),
      subscriptions: new Subscriptions(this.log, faults),
      counters: this.counters,
    };
    this.server.addService(streamsGrpc.StreamsService, {
      read: read(this.node),
      append: append(this.node),
      batchAppend: batchAppend(this.node),
      delete: deleteStream(this.node),
      tombstone: tombstoneStream(this.node),
    });
    this.server.addService(featuresGrpc.ServerFeaturesService, {
      getSupportedMethods: supportedMethods(faults, offersBatch),
    });
    this.server.addService(gossipGrpc.GossipService, {
      read: gossipRead(faults, () => this.members ?? [this.member('leader')]),
    });
  }

  static async start(options: Options = {}): Promise<FakeEventStoreDb> {
    const fake = new FakeEventStoreDb(options);
    await fake.node.connections.listen(options.port ?? 0);
    return fake;
  }

  get port(): number {
    return this.node.connections.port;
  }

  get connectionString(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  get openConnections(): number {
    return this.node.connections.size;
  }

  get openSubscriptions(): number {
    return this.node.subscriptions.size;
  }

  /** The number of requests that wait for the end of a stall. */
  get heldWork(): number {
    return this.node.faults.heldWork;
  }

  /** The number of appends whose callers wait for replication, dropped repetitions included. */
  get waitingAppends(): number {
    return this.node.replication.size;
  }

  /** Stops the fake permanently. The stored events stay readable in `log`. */
  async stop(): Promise<void> {
    await this.refuseConnections();
    this.server.forceShutdown();
  }

  /** Breaks all connections and refuses new ones until `acceptConnections`. Held requests are lost, as in a crash. */
  async refuseConnections(): Promise<void> {
    this.node.faults.dropHeld();
    this.node.replication.forget();
    await this.node.connections.refuse();
  }

  /** Stops as an ordered shutdown does: refuses connections and cancels open calls. `acceptConnections` starts it again. */
  async stopInOrder(): Promise<void> {
    this.node.faults.dropHeld();
    this.node.replication.forget();
    await this.node.connections.refuse(this.endSessions);
    this.node.rules.forgetRecentIds();
  }

  /** Listens again on the same port, with the same log. */
  async acceptConnections(): Promise<void> {
    await this.node.connections.listen(this.port);
  }

  /** Restarts on the same port with the same log, and an empty cache of recent ids. */
  async restart(): Promise<void> {
    await this.refuseConnections();
    this.node.rules.forgetRecentIds();
    await this.acceptConnections();
  }

  /** Breaks all connections and takes new ones. Requests that a stall holds are still handled at its end. */
  dropConnections(): void {
    this.node.connections.drop();
  }

  /** Handles no request for `ms`, while connections stay open. 0 ends it. */
  stall(ms: number): void {
    this.node.faults.stall(ms);
  }

  /** Handles requests at once and answers `ms` later. 0 ends it. */
  answerLate(ms: number): void {
    this.node.faults.answerLate(ms);
  }

  /** Stores the next `count` appends, and breaks the connection instead of answering. */
  loseAnswers(count: number): void {
    this.node.faults.loseAnswers(count);
  }

  /**
   * Refuses the next `count` appends. Only `timeout-after-commit` stores them. `busy` and both timeouts answer one append,
   * the other failures end the call.
   */
  failAppends(count: number, failure: AppendFailure): void {
    this.node.faults.failAppends(count, failure);
  }

  /** Refuses the next `count` subscriptions. */
  refuseSubscriptions(count: number, failure: Failure): void {
    this.node.faults.failSubscriptions(count, failure);
  }

  /** Ends the open subscriptions with an error. */
  failSubscriptions(failure: Failure): void {
    this.node.subscriptions.failAll(failure);
  }

  /** Leaves the open subscriptions open without further events. */
  muteSubscriptions(): void {
    this.node.subscriptions.muteAll();
  }

  /** Ends the open subscriptions without an error. */
  endSubscriptions(): void {
    this.node.subscriptions.endAll();
  }

  /**
   * Delays the replication of appends by `ms`. Callers wait for it. A repetition meanwhile is dropped, and its caller gets
   * a timeout after 2 s. 0 ends the delay.
   */
  notReadyFor(ms: number): void {
    this.node.replication.take(ms);
  }

  /** Refuses all calls until `grantAccess`, for a missing right or an unknown user. A missing right ends subscriptions. */
  denyAccess(how: 'access-denied' | 'unauthenticated'): void {
    this.node.faults.denial = how;
    if (how === 'access-denied') this.node.subscriptions.failAll(how);
  }

  grantAccess(): void {
    this.node.faults.denial = undefined;
  }

  /** Adds a user. With users the fake checks each caller's rights. See `Rights`. */
  setUser(name: string, password: string, groups?: readonly string[]): void {
    this.node.rights.setUser(name, password, groups);
  }

  /** Makes the node the leader, as a single node is. */
  lead(): void {
    this.node.role.lead();
  }

  /** Makes the node a follower. It refuses `requires-leader` with `not-leader`, and forwards other appends. */
  follow(leader: FakeEventStoreDb): void {
    this.node.role.follow(leader.node);
    this.node.replication.cancel();
  }

  /** Leaves the node without a leader, so that it is not ready for appends and for `requires-leader`. */
  knowNoLeader(): void {
    this.node.role.knowNoLeader();
    this.node.replication.cancel();
  }

  /** Makes each filtered read take `ms`, as in a log that others filled. */
  searchFor(ms: number): void {
    this.node.faults.searchMs = ms;
  }

  /** Sends checkpoints `ms` before their events, as 22.10 does when a subscription goes live. */
  checkAhead(ms: number): void {
    this.node.faults.aheadMs = ms;
  }

  /** Stores `count` events of another application. */
  fill(count: number): void {
    const stream = `shop-${randomUUID()}`;
    for (let n = 0; n < count; n += 1)
      this.log.append(stream, [
        {
          id: randomUUID(),
          type: 'Sold',
          contentType: 'application/json',
          data: Buffer.from('{}'),
          metadata: new Uint8Array(),
        },
      ]);
  }

  /** Removes the clients' last `count` events and breaks connections, as a restore of an older copy does. */
  setBack(count: number): void {
    this.log.setBack(count);
    this.node.rules.forgetRecentIds();
    this.dropConnections();
  }

  /** Empties the cache of recent ids, by which `any` recognises repetitions. */
  forgetRecentIds(): void {
    this.node.rules.forgetRecentIds();
  }

  /** The node as gossip shows it. */
  member(state: Member['state'], isAlive = true): Member {
    return { instanceId: this.instanceId, port: this.port, state, isAlive };
  }

  /** Sets the answer of gossip, which is by default this node alone as the leader. */
  showCluster(members: readonly Member[]): void {
    this.members = members;
  }
}

function secured({ cert, key }: NonNullable<Options['certificate']>): ServerCredentials {
  return ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }]);
}

function newLog(): Log {
  const log = new Log();
  writeFirstSystemEvents(log);
  writeStatisticsBetween(log, STATISTICS_EVERY);
  return log;
}
