import { EventStoreDBClient } from '@eventstore/db-client';
import grpc, { type StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { BatchAppendReq, BatchAppendResp, ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { CallOptions, Channel, ClientDuplexStream, ClientReadableStream, Metadata } from '@grpc/grpc-js';

export type AppendCall = ClientDuplexStream<BatchAppendReq, BatchAppendResp>;

type Call = ClientReadableStream<unknown> | AppendCall;

/** What the client keeps for its own commands: its channel with discovery, credentials and reconnecting. */
interface Inside {
  GRPCStreamCreator<Stream extends Call>(
    service: typeof StreamsClient,
    name: string,
    begin: (client: StreamsClient) => Stream,
  ): () => Promise<Stream>;
  callArguments(options: { requiresLeader?: boolean }, callOptions: CallOptions): [Metadata, CallOptions];
  handleError: (...args: unknown[]) => Promise<void>;
  createChannel: () => Promise<Channel>;
}

/** For reads that may not lag behind what was appended a moment ago, and appends that go where those reads go. */
export const FROM_LEADER = { requiresLeader: true };
const NO_DEADLINE = { deadline: Infinity };

/**
 * The one client of this process and URL, shared by everything that opens it. Two calls go past the client's own commands, over
 * its channel: appending, whose bookkeeping in 6.2.1 ends the process or never settles when a line is cut under load, and reading
 * `$all` with a filter, which its `readAll` doesn't offer. Source: ADR 0013
 */
export class Connection {
  private static readonly open = new Map<string, Connection>();
  readonly client: EventStoreDBClient;
  private users = 0;
  private readonly channels: Channel[] = [];

  private constructor(private readonly url: string) {
    this.client = EventStoreDBClient.connectionString(url);
    this.guard();
  }

  /** To be given back by `release`. @throws Error for a URL the client doesn't take: check it with `problemWith` first */
  static to(url: string): Connection {
    const connection = Connection.open.get(url) ?? new Connection(url);
    Connection.open.set(url, connection);
    connection.users += 1;
    return connection;
  }

  /** A call of BatchAppend: many appends under way at once. A follower refuses it, and the client goes to the leader. */
  async beginAppending(): Promise<AppendCall> {
    const { inside } = this;
    return inside.GRPCStreamCreator(grpc.StreamsClient, 'appendToStream', (client) =>
      client.batchAppend(...inside.callArguments(FROM_LEADER, NO_DEADLINE)),
    )();
  }

  async beginReading(request: ReadReq): Promise<ClientReadableStream<ReadResp>> {
    const { inside } = this;
    return inside.GRPCStreamCreator(grpc.StreamsClient, 'readAll', (client) =>
      client.read(request, ...inside.callArguments(FROM_LEADER, NO_DEADLINE)),
    )();
  }

  /** The last user's disposes of the client and closes its channel. */
  async release(): Promise<void> {
    this.users -= 1;
    if (this.users > 0) return;
    Connection.open.delete(this.url);
    await this.client.dispose();
    for (const channel of this.channels) channel.close();
  }

  /** The client calls these without waiting, and what they throw would end the process: a call reports its own failure anyway. */
  private guard(): void {
    const { inside } = this;
    const [handleError, createChannel] = [inside.handleError, inside.createChannel];
    inside.handleError = async (...args) => handleError(...args).catch(() => undefined);
    inside.createChannel = async () => {
      const channel = await createChannel();
      this.channels.splice(0, this.channels.length, channel);
      return channel;
    };
  }

  private get inside(): Inside {
    return this.client as unknown as Inside;
  }
}
