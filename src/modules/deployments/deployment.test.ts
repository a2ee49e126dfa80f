import type { DeploymentDomainEvent, DeploymentProfile } from './deployment.events.js';
import {
  archiveDeployment,
  createDeployment,
  editDeployment,
  evolveDeployment,
  restoreDeployment,
  UNKNOWN_DEPLOYMENT,
  type Deployment,
} from './deployment.js';
import { decider } from '../../../test/support/given.js';

const given = decider<Deployment, DeploymentDomainEvent>(UNKNOWN_DEPLOYMENT, evolveDeployment);

const RIVERSIDE = '44444444-0000-4000-8000-000000000001';
const profile: DeploymentProfile = {
  name: 'Cohort A',
  targets: { patients: 20, staff: 2 },
  privacyPolicyUrl: null,
  termsUrl: null,
  appStoreUrl: null,
  playStoreUrl: null,
  offboardingReasons: [],
};
const created: DeploymentDomainEvent = { type: 'DeploymentCreated', data: { organisationId: RIVERSIDE, ...profile } };
const renamed: DeploymentDomainEvent = { type: 'DeploymentEdited', data: { name: 'Cohort B' } };
const archived: DeploymentDomainEvent = { type: 'DeploymentArchived', data: {} };
const restored: DeploymentDomainEvent = { type: 'DeploymentRestored', data: {} };

describe('creating a deployment', () => {
  it('gives it its profile and its organisation', () => {
    given()
      .when((none) => createDeployment(none, RIVERSIDE, profile))
      .then(created);
    expect(given(created).state).toEqual({ status: 'active', profile: { organisationId: RIVERSIDE, ...profile } });
  });

  it('stores nothing when it exists, archived or not', () => {
    given(created)
      .when((deployment) => createDeployment(deployment, 'another organisation', profile))
      .thenNothing();
    given(created, archived)
      .when((deployment) => createDeployment(deployment, RIVERSIDE, profile))
      .thenNothing();
  });
});

describe('editing a deployment', () => {
  it('stores only what differs', () => {
    given(created)
      .when((deployment) => editDeployment(deployment, { ...profile, name: 'Cohort B' }))
      .then(renamed);
    expect(given(created, renamed).state).toEqual({
      status: 'active',
      profile: { organisationId: RIVERSIDE, ...profile, name: 'Cohort B' },
    });
  });

  it('stores nothing when nothing differs or no field is given', () => {
    given(created)
      .when((deployment) => editDeployment(deployment, structuredClone(profile)))
      .thenNothing();
    given(created)
      .when((deployment) => editDeployment(deployment, {}))
      .thenNothing();
  });

  it('is refused when there is none, or it is archived', () => {
    given()
      .when((none) => editDeployment(none, { name: 'X' }))
      .thenRefused('not-found');
    given(created, archived)
      .when((deployment) => editDeployment(deployment, { name: 'X' }))
      .thenRefused('scope-archived');
  });
});

describe('archiving and restoring a deployment', () => {
  it('archives it, and restores it as it was', () => {
    given(created).when(archiveDeployment).then(archived);
    given(created, archived).when(restoreDeployment).then(restored);
    expect(given(created, renamed, archived).state.status).toBe('archived');
    expect(given(created, renamed, archived, restored).state).toEqual(given(created, renamed).state);
  });

  it('archiving is refused when it is archived or unknown', () => {
    given(created, archived).when(archiveDeployment).thenRefused('scope-archived');
    given().when(archiveDeployment).thenRefused('not-found');
  });

  it('restoring stores nothing when it is not archived, and is refused when unknown', () => {
    given(created).when(restoreDeployment).thenNothing();
    given(created, archived, restored).when(restoreDeployment).thenNothing();
    given().when(restoreDeployment).thenRefused('not-found');
  });
});

it('events about a deployment that was never created change nothing', () => {
  for (const domainEvent of [renamed, archived, restored]) expect(given(domainEvent).state).toEqual(UNKNOWN_DEPLOYMENT);
});
