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
  /** Absent: a free one. */
  port?: number;
  /** Absent: a new one. Nodes of one cluster share theirs. */
  log?: Log;
  /** With it the node takes TLS alone, over which clients send their user and password. Absent: in the clear. */
  certificate?: { cert: string; key: string };
  /** False: a server from before BatchAppend, on which the client uses Append. */
  batchAppend?: boolean;
}

/**
 * A fake EventStoreDB that the real client talks to over gRPC, with faults on demand. What it imitates: README.md here.
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

  /** Requests that came during a stall and wait for its end. */
  get heldWork(): number {
    return this.node.faults.heldWork;
  }

  /** Appends whose callers wait for replication, dropped repetitions too. */
  get waitingAppends(): number {
    return this.node.replication.size;
  }

  /** For good. What was stored stays readable in `log`. */
  async stop(): Promise<void> {
    await this.refuseConnections();
    this.server.forceShutdown();
  }

  /** Breaks every connection and refuses new ones until `acceptConnections`. Work that was held is lost, as when a server goes down. */
  async refuseConnections(): Promise<void> {
    this.node.faults.dropHeld();
    this.node.replication.forget();
    await this.node.connections.refuse();
  }

  /** As a server that is told to stop: takes no new connections, and ends what is under way with CANCELLED. `acceptConnections` starts it again. */
  async stopInOrder(): Promise<void> {
    this.node.faults.dropHeld();
    this.node.replication.forget();
    await this.node.connections.refuse(this.endSessions);
    this.node.rules.forgetRecentIds();
  }

  /** On the same port, with the same log. */
  async acceptConnections(): Promise<void> {
    await this.node.connections.listen(this.port);
  }

  /** Down and up again: same port, same log; the cache of recent ids that `any` relies on is gone. */
  async restart(): Promise<void> {
    await this.refuseConnections();
    this.node.rules.forgetRecentIds();
    await this.acceptConnections();
  }

  /** Breaks every connection, mid-stream; new ones are taken. What a stall holds back is still done when it ends. */
  dropConnections(): void {
    this.node.connections.drop();
  }

  /** Works on nothing and answers nothing for `ms`, while connections stay open. 0 ends it. */
  stall(ms: number): void {
    this.node.faults.stall(ms);
  }

  /** Does what it is asked at once and answers `ms` later, until set to 0. */
  answerLate(ms: number): void {
    this.node.faults.answerLate(ms);
  }

  /** Stores the next `count` appends and breaks the connection instead of answering. */
  loseAnswers(count: number): void {
    this.node.faults.loseAnswers(count);
  }

  /** Refuses the next `count` appends; only `timeout-after-commit` stores them. `busy` and both timeouts answer that append alone, the rest end the call. */
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

  /** The open subscriptions stay open and bring nothing any more. */
  muteSubscriptions(): void {
    this.node.subscriptions.muteAll();
  }

  /** Ends the open subscriptions as if all was well. */
  endSubscriptions(): void {
    this.node.subscriptions.endAll();
  }

  /** An append takes `ms` to be replicated, until set to 0. Its caller waits; the same append sent again meanwhile is dropped, and heard of as a timeout after 2 s. */
  notReadyFor(ms: number): void {
    this.node.replication.take(ms);
  }

  /** Refuses all that is asked, until `grantAccess`: to those without the right, or to callers whom it doesn't know. The former ends subscriptions too. */
  denyAccess(how: 'access-denied' | 'unauthenticated'): void {
    this.node.faults.denial = how;
    if (how === 'access-denied') this.node.subscriptions.failAll(how);
  }

  grantAccess(): void {
    this.node.faults.denial = undefined;
  }

  /** From the first user on, each call is looked at by who makes it; `$all` is `$admins`' until its metadata says otherwise. See `Rights`. */
  setUser(name: string, password: string, groups?: readonly string[]): void {
    this.node.rights.setUser(name, password, groups);
  }

  /** As a node alone does, too. */
  lead(): void {
    this.node.role.lead();
  }

  /** Refuses what requires the leader with `not-leader`, and hands other appends on to it. */
  follow(leader: FakeEventStoreDb): void {
    this.node.role.follow(leader.node);
    this.node.replication.cancel();
  }

  /** During an election, or cut off from the others: not ready for appends and what requires the leader. */
  knowNoLeader(): void {
    this.node.role.knowNoLeader();
    this.node.replication.cancel();
  }

  /** Each filtered reading takes so long from now on, as if others had filled the log; other calls don't. */
  searchFor(ms: number): void {
    this.node.faults.searchMs = ms;
  }

  /** Checkpoints come so long before the events that they are about, as from 22.10 when a subscription goes live. */
  checkAhead(ms: number): void {
    this.node.faults.aheadMs = ms;
  }

  /** Stores events of another application, as many as asked for. */
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

  /** The last `count` events of clients are gone, as after a restore of an older copy; what was open is cut. What is appended next takes their places. */
  setBack(count: number): void {
    this.log.setBack(count);
    this.node.rules.forgetRecentIds();
    this.dropConnections();
  }

  /** The cache of recent ids that `any` relies on is gone. */
  forgetRecentIds(): void {
    this.node.rules.forgetRecentIds();
  }

  /** This node as gossip shows it. */
  member(state: Member['state'], isAlive = true): Member {
    return { instanceId: this.instanceId, port: this.port, state, isAlive };
  }

  /** What gossip answers from now on; without a call it is this node alone, leading. */
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
