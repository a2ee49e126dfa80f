import type { Profiler } from 'node:inspector';

/** Milliseconds by name, the largest first. */
export type Shares = [name: string, milliseconds: number][];

export interface CpuShares {
  /** Milliseconds without idle time. */
  busy: number;
  idle: number;
  /** Time in own code, by package, by file of ours, or by the engine's name for it. */
  byModule: Shares;
  /** Time in own code, by function. */
  byFunction: Shares;
  /** Time by the nearest file of ours up the stack, with the libraries and the engine's work that it called. */
  onBehalfOf: Shares;
}

/** Sums up where the time of a CPU profile went. */
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
    // Leaves out the start of the profiler.
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
