// Moves an installation's events and people to another one, and compares: `npm run transfer`. Builds first when needed.
import './needs-node.mjs';
import module from 'node:module';
import { buildWhenChanged } from './build-when-changed.mjs';

buildWhenChanged();
module.enableCompileCache();
await import('../dist/transfer.js');
