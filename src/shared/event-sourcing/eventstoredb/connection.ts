import { EventStoreDBClient } from '@eventstore/db-client';
import grpc, { type StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { BatchAppendReq, BatchAppendResp, ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { CallOptions, Channel, ClientDuplexStream, ClientReadableStream, Metadata } from '@grpc/grpc-js';

export type AppendCall = ClientDuplexStream<BatchAppendReq, BatchAppendResp>;

type Call = ClientReadableStream<unknown> | AppendCall;

/** Internals of the client: its channel with discovery, credentials and reconnecting. */
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

/** Options for reads that must see the latest appends, and for appends, which go to the same node. */
export const FROM_LEADER = { requiresLeader: true };
const NO_DEADLINE = { deadline: Infinity };

/**
 * The client for one URL, which all its users in this process share. Two calls use the client's channel without its own
 * commands (ADR 0013).
 * Appending does so, because client 6.2.1 ends the process or never settles when a line breaks under load. Reading
 * `$all` with a filter does so, because `readAll` offers no filter.
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

  /**
   * Returns the connection, which its user must `release`.
   * @throws Error for a URL that the client rejects; check it with `problemWith` first
   */
  static to(url: string): Connection {
    const connection = Connection.open.get(url) ?? new Connection(url);
    Connection.open.set(url, connection);
    connection.users += 1;
    return connection;
  }

  /**
   * Opens a BatchAppend call, which carries many appends at once. A follower refuses it, and the client goes to the
   * leader.
   */
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

  /** Disposes of the client and closes its channel when the last user releases it. */
  async release(): Promise<void> {
    this.users -= 1;
    if (this.users > 0) return;
    Connection.open.delete(this.url);
    await this.client.dispose();
    for (const channel of this.channels) channel.close();
  }

  /**
   * Catches errors of two internal functions, because the client doesn't await them and a rejection would end the
   * process.
   * The failed call reports its error anyway.
   */
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
