import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ScheduleModule } from '@nestjs/schedule';
import { EVENT_SHAPES } from './bootstrap/event-shapes.js';
import { DeploymentsModule } from './modules/deployments/deployments.module.js';
import { GroupsModule } from './modules/groups/groups.module.js';
import { MeModule } from './modules/me/me.module.js';
import { OperationsModule, type OperationsOptions } from './modules/operations/operations.module.js';
import { OrganisationsModule } from './modules/organisations/organisations.module.js';
import { PortalModule } from './modules/portal/portal.module.js';
import { RolesModule } from './modules/roles/roles.module.js';
import { PatientsModule } from './modules/patients/patients.module.js';
import { StaffModule } from './modules/staff/staff.module.js';
import { SharedModule, type SharedOptions } from './core.module.js';

/** The contexts, on what they share. */
@Module({})
export class AppModule {
  static with(options: Omit<SharedOptions, 'eventShapes'> & OperationsOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        CqrsModule.forRoot(),
        ScheduleModule.forRoot(),
        SharedModule.with({ ...options, eventShapes: EVENT_SHAPES }),
        OrganisationsModule,
        DeploymentsModule,
        StaffModule,
        PatientsModule,
        GroupsModule,
        RolesModule,
        MeModule,
        OperationsModule.with(options),
        PortalModule,
      ],
    };
  }
}
