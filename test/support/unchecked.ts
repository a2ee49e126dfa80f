import { UNCHECKED } from '../../src/bootstrap/event-shapes.js';
import { EventChecks } from '../../src/shared/event-sourcing/event-checks.js';

/** For a store whose followers follow the product's categories: events may be of any type. */
export const unchecked = (): EventChecks => new EventChecks(UNCHECKED);
