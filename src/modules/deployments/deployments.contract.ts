/** What other modules may use of deployments: their state, read from their streams. */
export { deploymentFrom, deploymentStream } from './deployment-scopes.js';
