/** What other modules may ask of deployments: what they say of themselves, from their streams. */
export { deploymentFrom, deploymentStream } from './deployment-scopes.js';
