/** What other modules may use of deployments: the declaration by which they read one from its stream, and for pages. */
export { ArchiveDeployment } from './archive-deployment.command.js';
export { CreateDeployment } from './create-deployment.command.js';
export { DEPLOYMENT } from './deployment.js';
export { CreateDeploymentDto, EditDeploymentDto } from './deployment.dto.js';
export { EditDeployment } from './edit-deployment.command.js';
export { GetDeployment } from './get-deployment.query.js';
export { ListAllDeployments } from './list-all-deployments.query.js';
export { ListDeployments } from './list-deployments.query.js';
export { RestoreDeployment } from './restore-deployment.command.js';
