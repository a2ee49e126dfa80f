import { FakeEventStoreDb } from './fake.js';

/** Nodes that share a log and name each other in gossip. One of them leads. */
export class Cluster {
  private constructor(readonly nodes: readonly FakeEventStoreDb[]) {}

  /** Starts the nodes, of which the first leads. */
  static async start(size: number): Promise<Cluster> {
    const first = await FakeEventStoreDb.start();
    const others = await Promise.all(
      Array.from({ length: size - 1 }, () => FakeEventStoreDb.start({ log: first.log })),
    );
    const cluster = new Cluster([first, ...others]);
    cluster.elect(first);
    return cluster;
  }

  /** The connection string of a client that finds a node by gossip. */
  connectionString(nodePreference: 'leader' | 'follower' | 'random'): string {
    const hosts = this.nodes.map(({ port }) => `127.0.0.1:${String(port)}`).join(',');
    return `esdb://${hosts}?tls=false&nodePreference=${nodePreference}&discoveryInterval=20`;
  }

  /** Makes a node the leader, for all nodes at once. Nodes that are cut off know no leader, and are dead to the others. */
  elect(leader: FakeEventStoreDb, cutOff: readonly FakeEventStoreDb[] = []): void {
    const together = this.nodes.filter((node) => !cutOff.includes(node));
    const members = this.nodes.map((node) =>
      node.member(node === leader ? 'leader' : 'follower', together.includes(node)),
    );
    for (const node of together) {
      if (node === leader) node.lead();
      else node.follow(leader);
      node.showCluster(members);
    }
    this.loseLeader(cutOff);
  }

  /** Leaves these nodes without a leader, as during an election. */
  loseLeader(nodes = this.nodes): void {
    for (const node of nodes) {
      node.knowNoLeader();
      node.showCluster(this.nodes.map((one) => one.member('unknown', one === node)));
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}
