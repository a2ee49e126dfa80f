import { Module, type OnModuleInit } from '@nestjs/common';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { customRoleListProjection } from './custom-role-list.projection.js';
import { CustomRoles } from './custom-roles.js';
import { DefineRoleHandler } from './define-role.command.js';
import { DeleteRoleHandler } from './delete-role.command.js';
import { EditRoleHandler } from './edit-role.command.js';
import { ListRolesHandler } from './list-roles.query.js';
import { RolesController } from './roles.controller.js';

@Module({
  controllers: [RolesController],
  providers: [CustomRoles, DefineRoleHandler, EditRoleHandler, DeleteRoleHandler, ListRolesHandler],
})
export class RolesModule implements OnModuleInit {
  constructor(private readonly projections: ProjectionRunner) {}

  onModuleInit(): void {
    this.projections.register(customRoleListProjection);
  }
}
