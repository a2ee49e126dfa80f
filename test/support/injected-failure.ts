/** The names of a class's methods that return a promise. */
type AsyncMethod<Target> = {
  [Name in keyof Target]: Target[Name] extends (...args: never[]) => Promise<unknown> ? Name : never;
}[keyof Target];

export class Injected extends Error {
  override readonly name = 'Injected';
}

interface Failure {
  error?: Error;
  /** Only a call with such arguments fails. */
  when?: (...args: unknown[]) => boolean;
}

/** Makes the next call of a real method fail, before or after its work. @returns a function: whether it failed yet */
export function failOnce<Target extends object>(
  target: Target,
  method: AsyncMethod<Target>,
  moment: 'before' | 'after',
  { error = new Injected('injected'), when = () => true }: Failure = {},
): () => boolean {
  let failed = false;
  around(target, method, async (call, args) => {
    if (failed || !when(...args)) return call();
    failed = true;
    if (moment === 'after') await call();
    throw error;
  });
  return () => failed;
}

/** Runs some work just before the next call of a real method. */
export function beforeOnce<Target extends object>(
  target: Target,
  method: AsyncMethod<Target>,
  work: () => Promise<unknown>,
  when: (...args: unknown[]) => boolean = () => true,
): void {
  let done = false;
  around(target, method, async (call, args) => {
    if (!done && when(...args)) {
      done = true;
      await work();
    }
    return call();
  });
}

/** Removes all wrappers of the objects' methods. */
export function restore(...targets: object[]): void {
  for (const target of targets) for (const name of wrapped.get(target) ?? []) Reflect.deleteProperty(target, name);
}

const wrapped = new WeakMap<object, Set<PropertyKey>>();

function around<Target extends object>(
  target: Target,
  method: keyof Target,
  wrapper: (call: () => Promise<unknown>, args: unknown[]) => Promise<unknown>,
): void {
  const real = target[method] as (...args: unknown[]) => Promise<unknown>;
  const replacement = async (...args: unknown[]): Promise<unknown> =>
    wrapper(async () => real.apply(target, args), args);
  Object.defineProperty(target, method, { value: replacement, configurable: true, writable: true });
  wrapped.set(target, (wrapped.get(target) ?? new Set()).add(method));
}
