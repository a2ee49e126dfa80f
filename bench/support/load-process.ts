// The process behind `load`. It gets one task and sends one result.
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { LoadResult, LoadTask } from './load.js';
import { quantile } from './statistics.js';

process.once('message', (task: LoadTask) => void run(task).then((result) => process.send?.(result)));

/** An answer that takes longer ends the run. */
const PATIENCE_MS = 60_000;
const HEAD_ENDS = '\r\n\r\n';
const LAST_CHUNK = '\r\n0\r\n\r\n';

async function run(task: LoadTask): Promise<LoadResult> {
  const nextRequest = requestsOf(task);
  const latencies: number[] = [];
  let [begun, answered, refused] = [0, 0, 0];
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const endsAt = task.seconds === undefined ? Infinity : startedAt + task.seconds * 1000;
  const mayBegin = (): boolean => begun < (task.calls ?? Infinity) && performance.now() < endsAt;
  const work = async (): Promise<void> => {
    const connection = await Connection.to(new URL(task.url));
    while (mayBegin()) {
      begun += 1;
      const sentAt = performance.now();
      const status = await connection.send(nextRequest());
      latencies.push(performance.now() - sentAt);
      if (status >= 200 && status < 300) answered += 1;
      else refused += 1;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: task.connections }, work));
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(before);
  return {
    answered,
    refused,
    seconds,
    perSecond: answered / seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    cpu: (cpu.user + cpu.system) / 1e6,
  };
}

/** Returns a function that makes one request after the other, each to a new address. */
function requestsOf({ url, path, token, body, addressIn }: LoadTask): () => string {
  const head = `POST ${path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nOrigin: ${url}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: `;
  const tag = randomBytes(4).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    const address = `person-${tag}-${String(count)}@bench.test`;
    const content = JSON.stringify({ ...body, [addressIn]: addressIn === 'emails' ? [address] : address });
    return `${head}${String(content.length)}${HEAD_ENDS}${content}`;
  };
}

/**
 * An HTTP/1.1 connection with one request at a time. It reads only what tells the end of a response.
 * It is this small because the generator shares the processors with the measured product. An HTTP client in JavaScript
 * would take twice as much of them.
 */
class Connection {
  private received = '';
  private waiting: PromiseWithResolvers<number> | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay().setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer in time')));
    socket.on('data', (data) => {
      this.take(data.toString('latin1'));
    });
    socket.on('error', (error) => this.waiting?.reject(error));
    socket.on('close', () => this.waiting?.reject(new Error('the connection was closed')));
  }

  static async to({ hostname, port }: URL): Promise<Connection> {
    const socket = connect(Number(port), hostname);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    socket
      .once('connect', () => {
        resolve(undefined);
      })
      .once('error', reject);
    await promise;
    return new Connection(socket);
  }

  /** @returns the answer's status */
  async send(request: string): Promise<number> {
    this.waiting = Promise.withResolvers();
    this.socket.write(request, 'latin1');
    return this.waiting.promise;
  }

  close(): void {
    this.waiting = undefined;
    this.socket.destroy();
  }

  private take(text: string): void {
    this.received += text;
    if (!isWhole(this.received)) return;
    const status = Number(this.received.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
    this.received = '';
    this.waiting?.resolve(status);
  }
}

function isWhole(answer: string): boolean {
  const headLength = answer.indexOf(HEAD_ENDS);
  if (headLength < 0) return false;
  const [, length] = /^content-length: *(\d+)/im.exec(answer.slice(0, headLength)) ?? [];
  return length === undefined
    ? answer.endsWith(LAST_CHUNK)
    : answer.length >= headLength + HEAD_ENDS.length + Number(length);
}
