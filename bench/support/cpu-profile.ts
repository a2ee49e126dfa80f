import type { Profiler } from 'node:inspector';

/** Milliseconds by name, the most first. */
export type Shares = [name: string, milliseconds: number][];

export interface CpuShares {
  /** Without what was idle. */
  busy: number;
  idle: number;
  /** By package, our own folder, or what the engine calls it: time spent in its own code. */
  byModule: Shares;
  /** By function, the same way. */
  byFunction: Shares;
  /** By the nearest file of ours up the stack: its own code and the libraries and engine work that it called. */
  onBehalfOf: Shares;
}

/** Where the time of a CPU profile went. */
export function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): CpuShares {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parent = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)));
  const [modules, functions, owners] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  let [busy, idle] = [0, 0];
  samples.forEach((id, n) => {
    const node = byId.get(id);
    const milliseconds = (timeDeltas[n] ?? 0) / 1000;
    if (!node) return;
    // The profiler's own start.
    if (node.callFrame.url === 'node:inspector') return;
    if (node.callFrame.functionName === '(idle)') {
      idle += milliseconds;
      return;
    }
    busy += milliseconds;
    add(modules, moduleOf(node.callFrame), milliseconds);
    add(functions, `${node.callFrame.functionName || 'anonymous'} (${moduleOf(node.callFrame)})`, milliseconds);
    let up: number | undefined = id;
    while (up !== undefined && !isOurs(byId.get(up)?.callFrame)) up = parent.get(up);
    const owner = up === undefined ? undefined : byId.get(up)?.callFrame;
    add(
      owners,
      owner ? `${ourFile(owner)}: ${owner.functionName || 'anonymous'}` : 'no file of ours on the stack',
      milliseconds,
    );
  });
  return { busy, idle, byModule: ranked(modules), byFunction: ranked(functions), onBehalfOf: ranked(owners) };
}

function moduleOf({ url, functionName }: Profiler.Profile['nodes'][number]['callFrame']): string {
  const packaged = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (packaged) return packaged;
  if (url.startsWith('node:')) return url;
  if (url.includes('/.build/src/')) return ourFile({ url });
  return url === '' ? (functionName.startsWith('(') ? functionName : 'built into V8') : url;
}

function isOurs(frame: { url: string } | undefined): boolean {
  return frame?.url.includes('/.build/src/') ?? false;
}

function ourFile({ url }: { url: string }): string {
  return url.replace(/^.*\/\.build\//, '').replace(/\.js$/, '');
}

function add(to: Map<string, number>, name: string, milliseconds: number): void {
  to.set(name, (to.get(name) ?? 0) + milliseconds);
}

function ranked(shares: Map<string, number>): Shares {
  return [...shares].sort((a, b) => b[1] - a[1]);
}
