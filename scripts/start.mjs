// Keeps what Node compiles between starts (in the system's temporary folder), then starts what was built.
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('../dist/main.js');
