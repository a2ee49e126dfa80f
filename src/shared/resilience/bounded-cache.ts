/** A bounded cache. When it is full, all entries are evicted. */
export class BoundedCache<Value> {
  private readonly values = new Map<string, Value>();

  constructor(private readonly maxEntries: number) {}

  /** @param work computes a missing value; null is not cached */
  get(key: string, work: () => Value): Value;
  get(key: string, work: () => Value | null): Value | null;
  get(key: string, work: () => Value | null): Value | null {
    const known = this.peek(key);
    if (known !== undefined) return known;
    const value = work();
    if (value !== null) this.set(key, value);
    return value;
  }

  peek(key: string): Value | undefined {
    return this.values.get(key);
  }

  set(key: string, value: Value): void {
    if (this.values.size >= this.maxEntries && !this.values.has(key)) this.values.clear();
    this.values.set(key, value);
  }

  delete(key: string): void {
    this.values.delete(key);
  }
}
