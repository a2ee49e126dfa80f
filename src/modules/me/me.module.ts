import { Module } from '@nestjs/common';
import { CloseAccountHandler } from './close/close-account.command.js';
import { Leaving } from './close/leaving.js';
import { ListClosingObstaclesHandler } from './close/list-closing-obstacles.query.js';
import { GetMeHandler } from './get-me.query.js';
import { MeController } from './me.controller.js';

/** The signed-in person, as all modules know them. */
@Module({
  controllers: [MeController],
  providers: [GetMeHandler, Leaving, CloseAccountHandler, ListClosingObstaclesHandler],
})
export class MeModule {}
