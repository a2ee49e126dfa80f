import { Global, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../shared/database/database.js';
import { KeepsCompanionRows } from '../../shared/event-sourcing/companion-rows.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { People } from './people.js';
import { PersonAddresses } from './person-addresses.js';
import { personDirectoryProjection, PersonNames } from './person-directory.js';
import { PersonSealing } from './person-sealing.js';
import { Pseudonyms } from './pseudonyms.js';

export interface PeopleOptions {
  masterKey: Buffer;
  personSecret: Buffer;
}

@Global()
@Module({
  providers: [{ provide: KeepsCompanionRows, useExisting: People }, PersonNames],
  exports: [KeepsCompanionRows, People, PersonAddresses, PersonNames, Pseudonyms],
})
export class PeopleModule implements OnModuleInit {
  static with({ masterKey, personSecret }: PeopleOptions): DynamicModule {
    return {
      module: PeopleModule,
      providers: [
        {
          provide: People,
          useFactory: (database: Database) => new People(database, { masterKey, personSecret }),
          inject: [Database],
        },
        {
          provide: PersonAddresses,
          useFactory: (database: Database) =>
            new PersonAddresses(database, new PersonSealing({ masterKey, personSecret })),
          inject: [Database],
        },
        {
          provide: Pseudonyms,
          useFactory: (database: Database) => new Pseudonyms(database, masterKey),
          inject: [Database],
        },
      ],
    };
  }

  constructor(
    private readonly projections: ProjectionRunner,
    private readonly people: People,
  ) {}

  onModuleInit(): void {
    this.projections.register(personDirectoryProjection(this.people));
  }
}
