/**
 * Routes that other modules may build on. They have their own contract, because routes import accounts, and accounts
 * import the other contract.
 */
export { scopeRoutes } from './scopes/scope-routes.js';
export { pathUnder, ScopeId, scopeName } from './scopes/scope-parameter.js';
