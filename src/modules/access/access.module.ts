import { Global, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import { ProcessManagerRunner } from '../../shared/process-managers/process-manager-runner.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { Accounts } from '../accounts/accounts.contract.js';
import { Authorization } from './authorization.js';
import { Departures } from './memberships/departures.js';
import { MembershipChanges } from './memberships/membership-changes.js';
import { OwnerGuard } from './owner-guard/owner-guard.js';
import { Roles } from './roles/roles.js';
import { Scopes } from './scopes.js';
import { Sights } from './sights.js';

export interface AccessOptions {
  endSessionsWithLastRole: boolean;
}

/** Authorization. Other modules provide what it reads: `RoleAssignments`, `Enrolments`, `GroupPlaces`. */
@Global()
@Module({
  providers: [Scopes, Roles, Authorization, Sights, OwnerGuard, MembershipChanges],
  exports: [Scopes, Roles, Authorization, Sights, OwnerGuard, MembershipChanges, Departures],
})
export class AccessModule implements OnModuleInit {
  static with({ endSessionsWithLastRole }: AccessOptions): DynamicModule {
    return {
      module: AccessModule,
      providers: [
        {
          provide: Departures,
          useFactory: (store: EventStore, projections: ProjectionRunner, accounts: Accounts) =>
            new Departures(store, projections, accounts, endSessionsWithLastRole),
          inject: [EventStore, ProjectionRunner, Accounts],
        },
      ],
    };
  }

  constructor(
    private readonly processManagers: ProcessManagerRunner,
    private readonly departures: Departures,
  ) {}

  onModuleInit(): void {
    this.processManagers.register(this.departures);
  }
}
