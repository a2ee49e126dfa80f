// Builds the product when src has changed, then starts it.
import './needs-node.mjs';
import module from 'node:module';
import { buildWhenChanged } from './build-when-changed.mjs';

buildWhenChanged();
// Node keeps compiled code between starts, in the system's temporary folder.
module.enableCompileCache();
await import('../dist/main.js');
