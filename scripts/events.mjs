// Moves an installation's events and people to another one, and compares: `npm run events`. Builds what changed first.
import { enableCompileCache } from 'node:module';
import { buildWhenChanged } from './build-when-changed.mjs';

buildWhenChanged();
enableCompileCache();
await import('../dist/events.js');
