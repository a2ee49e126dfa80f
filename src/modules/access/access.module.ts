import { Global, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import { ProcessManagerRunner } from '../../shared/process-managers/process-manager-runner.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { SessionRegister } from '../accounts/accounts.contract.js';
import { Authorization } from './authorization.js';
import { Departures } from './memberships/departures.js';
import { MembershipChanges } from './memberships/membership-changes.js';
import { OwnerGuard } from './owner-guard/owner-guard.js';
import { Roles } from './roles/roles.js';
import { Guests } from './memberships/guests.js';
import { ArchivableScopes } from './scopes/archivable-scopes.js';
import { Headcounts } from './scopes/headcounts.js';
import { Scopes } from './scopes/scopes.js';
import { Sights } from './sights.js';

export interface AccessOptions {
  endSessionsWithLastRole: boolean;
}

/** Authorization. Other modules provide the classes that it reads: `RoleAssignments`, `Enrolments`, `GroupPlaces`. */
@Global()
@Module({
  providers: [
    Scopes,
    Roles,
    Authorization,
    ArchivableScopes,
    Headcounts,
    Sights,
    OwnerGuard,
    Guests,
    MembershipChanges,
  ],
  exports: [
    Scopes,
    Roles,
    Authorization,
    ArchivableScopes,
    Headcounts,
    Sights,
    OwnerGuard,
    Guests,
    MembershipChanges,
    Departures,
  ],
})
export class AccessModule implements OnModuleInit {
  static with({ endSessionsWithLastRole }: AccessOptions): DynamicModule {
    return {
      module: AccessModule,
      providers: [
        {
          provide: Departures,
          useFactory: (store: EventStore, projections: ProjectionRunner, sessions: SessionRegister) =>
            new Departures(store, projections, sessions, endSessionsWithLastRole),
          inject: [EventStore, ProjectionRunner, SessionRegister],
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
