// Prints a stream's events as JSON lines: `npm run --silent stream -- <stream>`. Builds first when needed.
import './needs-node.mjs';
import { buildWhenChanged } from './build-when-changed.mjs';

buildWhenChanged();
await import('../dist/cli/stream.js');
