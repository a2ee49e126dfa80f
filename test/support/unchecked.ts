import { UNCHECKED } from '../../src/bootstrap/event-shapes.js';
import { EventChecks } from '../../src/shared/event-sourcing/event-checks.js';

/** Checks that accept every event type, for the product's categories. */
export const unchecked = (): EventChecks => new EventChecks(UNCHECKED);
