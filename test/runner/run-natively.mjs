import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import './typescript.mjs';

const require = createRequire(import.meta.url);
const { default: runInCircus } = require('jest-circus/runner');
/** Where jest-circus keeps who listens, for all its copies. */
const LISTENERS = Symbol.for('EVENT_HANDLERS');

let files = 0;

/**
 * Jest's `testRunner`: its own jest-circus, but Node imports the modules, not Jest's sandbox. What a test file imports
 * stays for the worker's next one, so the product and its libraries are loaded once, and by the same loader as in production.
 */
export default async function runNatively(globalConfig, config, environment, runtime, testPath, sendMessageToJest) {
  // Jest's own knows only what Jest compiled; Node's knows what typescript.mjs did.
  Error.prepareStackTrace = undefined;
  Object.assign(runtime, {
    // Fresh for each test file: jest-circus itself, with what was described and who listens.
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
