import { createParamDecorator, Param } from '@nestjs/common';
import { PLATFORM, type ScopeKind } from '../scope-ref.js';
import { uuidPipe } from '../../../shared/http/validation.js';

const PlatformId = createParamDecorator(() => PLATFORM.id);

const SEGMENTS: Readonly<Record<ScopeKind, string>> = {
  platform: 'platform',
  organisation: 'organisations/:id',
  deployment: 'deployments/:id',
  group: 'groups/:id',
};
const NAMES: Readonly<Record<ScopeKind, string>> = {
  platform: 'the platform',
  organisation: 'an organisation',
  deployment: 'a deployment',
  group: 'a group',
};

/** The path of a segment under a scope of this kind. */
export function pathUnder(scope: ScopeKind, segment: string): string {
  return `${SEGMENTS[scope]}/${segment}`;
}

/** The name of a kind of scope in texts. */
export function scopeName(scope: ScopeKind): string {
  return NAMES[scope];
}

/** The id of the scope in the path; the platform's path has none, because there is only one. */
export function ScopeId(scope: ScopeKind): ParameterDecorator {
  return scope === 'platform' ? PlatformId() : Param('id', uuidPipe);
}
