import { Injectable } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';

/** The OpenAPI document of the application. It is made when it is first asked for, because then every route is known. */
@Injectable()
export class ApiDocument {
  private make: (() => OpenAPIObject) | undefined;
  private made: OpenAPIObject | undefined;

  madeBy(make: () => OpenAPIObject): void {
    this.make = make;
  }

  /** @throws TypeError before `madeBy` */
  get(): OpenAPIObject {
    if (!this.make) throw new TypeError('nothing makes the OpenAPI document');
    return (this.made ??= this.make());
  }
}
