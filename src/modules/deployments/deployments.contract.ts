/** What other modules may use of deployments: the declaration by which they read one from its stream, and for pages. */
export { DEPLOYMENT } from './deployment.js';
export { GetDeployment } from './get-deployment.query.js';
export { ListDeployments } from './list-deployments.query.js';
