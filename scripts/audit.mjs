// Asks the log itself who had which access, and compares the history with it: `npm run audit`. Builds first when needed.
import './needs-node.mjs';
import { buildWhenChanged } from './build-when-changed.mjs';

buildWhenChanged();
await import('../dist/cli/audit.js');
