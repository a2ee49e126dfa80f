// Builds what changed, then starts what was built.
import { enableCompileCache } from 'node:module';
import { buildWhenChanged } from './build-when-changed.mjs';

buildWhenChanged();
// What Node compiles is kept between starts, in the system's temporary folder.
enableCompileCache();
await import('../dist/main.js');
