import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import './typescript.mjs';

const require = createRequire(import.meta.url);
const { default: runInCircus } = require('jest-circus/runner');
/** The symbol under which all copies of jest-circus keep their event handlers. */
const LISTENERS = Symbol.for('EVENT_HANDLERS');

let files = 0;

/**
 * Jest's `testRunner`: its own jest-circus, but Node imports the modules instead of Jest's sandbox. A worker keeps
 * imported modules for its next test file, so it loads the product once, by the same loader as in production.
 */
export default async function runNatively(globalConfig, config, environment, runtime, testPath, sendMessageToJest) {
  // Jest's function maps only what Jest compiled. Node's own maps what typescript.mjs compiled.
  Error.prepareStackTrace = undefined;
  Object.assign(runtime, {
    // Each test file gets a fresh jest-circus, because the module holds the described tests and the event handlers.
    requireInternalModule(path) {
      delete require.cache[path];
      delete globalThis[LISTENERS];
      return require(path);
    },
    requireModule: require,
    unstable_shouldLoadAsEsm: () => true,
    unstable_importModule: async (path) => import(`${pathToFileURL(path).href}?file=${String((files += 1))}`),
  });
  return runInCircus(globalConfig, config, { global: globalThis }, runtime, testPath, sendMessageToJest);
}
