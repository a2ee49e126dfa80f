// Helps an operator who is locked out: `npm run admin -- staff reset`. Builds first when needed.
import './needs-node.mjs';
import { buildWhenChanged } from './build-when-changed.mjs';

buildWhenChanged();
await import('../dist/cli/admin.js');
