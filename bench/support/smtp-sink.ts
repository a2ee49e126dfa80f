import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A mail server in a process of its own, which takes every mail and keeps none. */
export class SmtpSink {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(): Promise<SmtpSink> {
    const child = fork(join(import.meta.dirname, 'smtp-sink-process.js'), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [port] = (await once(child, 'message')) as [number];
    return new SmtpSink(child, `smtp://127.0.0.1:${String(port)}`);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Returns the number of mails taken since the start. */
  async count(): Promise<number> {
    const answer = once(this.child, 'message');
    this.child.send('count');
    const [mails] = (await answer) as [number];
    return mails;
  }

  async stop(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill();
    await gone;
  }
}
