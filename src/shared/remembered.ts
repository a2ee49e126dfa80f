/** What follows from a key and takes a while to work out, for keys that come again and again. When there are too many, all are forgotten. */
export class Remembered<Value> {
  private readonly values = new Map<string, Value>();

  constructor(private readonly most: number) {}

  /** @param work what isn't known; null is not remembered */
  get(key: string, work: () => Value): Value;
  get(key: string, work: () => Value | null): Value | null;
  get(key: string, work: () => Value | null): Value | null {
    const known = this.values.get(key);
    if (known !== undefined) return known;
    const value = work();
    if (value === null) return null;
    if (this.values.size >= this.most) this.values.clear();
    this.values.set(key, value);
    return value;
  }
}
