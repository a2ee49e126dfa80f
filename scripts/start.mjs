// Builds what changed, then starts what was built.
import './needs-node.mjs';
import module from 'node:module';
import { buildWhenChanged } from './build-when-changed.mjs';

buildWhenChanged();
// What Node compiles is kept between starts, in the system's temporary folder.
module.enableCompileCache();
await import('../dist/main.js');
