import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventShapes } from '../../src/bootstrap/event-shapes.js';
import { saysWhatItsTypeSays } from '../../src/shared/event-sourcing/event-shapes.js';
import type { JsonObject, StoredEvent } from '../../src/shared/event-sourcing/event-store.js';

const SHAPES = eventShapes();
const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.json'));
const golden = files.map((file) => JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8')) as StoredEvent);
const isReadable = (event: StoredEvent, data: JsonObject = event.data): boolean =>
  saysWhatItsTypeSays(SHAPES, { ...event, data });

describe('the declared shape of an event', () => {
  it('exists for every type that the product stores', () => {
    expect(Object.keys(SHAPES.types).sort()).toEqual([...new Set(golden.map(({ type }) => type))].sort());
  });

  it('fits every event that was ever stored', () => {
    expect(golden.filter((event) => !isReadable(event)).map(({ type }) => type)).toEqual([]);
  });

  it('fits no event with a field of another kind', () => {
    const taken = golden.flatMap((event) =>
      Object.keys(event.data)
        .filter((field) => isReadable(event, { ...event.data, [field]: [{}] }))
        .map((field) => `${event.type}.${field}`),
    );
    expect(taken).toEqual([]);
  });

  it('lets types, fields and versions of a newer product pass', () => {
    const [issued] = golden.filter(({ type }) => type === 'InvitationIssued') as [StoredEvent];
    expect(isReadable(issued, {})).toBe(false);
    expect(isReadable({ ...issued, type: 'FromANewerVersion' }, {})).toBe(true);
    expect(isReadable({ ...issued, metadata: { ...issued.metadata, schemaVersion: 2 } }, {})).toBe(true);
    expect(isReadable(issued, { ...issued.data, added: 1 })).toBe(true);
    expect(isReadable(issued, { ...issued.data, grant: {} })).toBe(false);
    expect(
      isReadable({ ...issued, stream: issued.stream.replace('staff', 'patient') }, { ...issued.data, grant: {} }),
    ).toBe(true);
  });
});
