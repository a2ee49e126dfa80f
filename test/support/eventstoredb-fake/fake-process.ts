import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { FakeEventStoreDb } from './fake.js';

const ENTRY = join(import.meta.dirname, 'run-fake.mjs');

type Methods = {
  [
    Name in keyof FakeEventStoreDb as FakeEventStoreDb[Name] extends (...args: never) => unknown ? Name : never
  ]: FakeEventStoreDb[Name];
};
type Values = {
  [
    Name in keyof FakeEventStoreDb as FakeEventStoreDb[Name] extends (...args: never) => unknown ? never : Name
  ]: FakeEventStoreDb[Name];
};

interface Message {
  url?: string;
  result?: unknown;
}

/** The fake in another process, so that it takes no time from the test's and can be frozen. */
export class FakeProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly messages: AsyncIterator<string>,
    readonly connectionString: string,
  ) {}

  /** Starts the process. @param port 0 takes a free one @throws if the process ends before it listens */
  static async start(port = 0): Promise<FakeProcess> {
    const child = spawn(process.execPath, ['--no-warnings', ENTRY, String(port)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines: Interface = createInterface({ input: child.stdout });
    const messages = lines[Symbol.asyncIterator]();
    return new FakeProcess(child, messages, (await nextOf(messages)).url!);
  }

  /** Calls a method of the process's FakeEventStoreDb. */
  async call<Name extends keyof Methods>(name: Name, ...args: Parameters<Methods[Name]>): Promise<void> {
    await this.ask([name, ...args]);
  }

  /** A value of the process's FakeEventStoreDb, such as its counters. */
  async value<Name extends keyof Values>(name: Name): Promise<Values[Name]> {
    return (await this.ask([name])) as Values[Name];
  }

  /** Freezes the process, keep-alives included, until `thaw`. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  /** Kills the process. Its log is lost. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  private async ask(question: unknown[]): Promise<unknown> {
    this.child.stdin!.write(`${JSON.stringify(question)}\n`);
    return (await nextOf(this.messages)).result;
  }
}

async function nextOf(messages: AsyncIterator<string>): Promise<Message> {
  const { done, value } = await messages.next();
  if (done) throw new Error('the fake ended');
  return JSON.parse(value) as Message;
}
