import { Body, Query } from '@nestjs/common';
import type { ClassConstructor } from 'class-transformer';

/** The body, checked by a class that is known only when the route is made. */
export function BodyOf(dto: ClassConstructor<object>): ParameterDecorator {
  return typed(Body(), dto);
}

/** The query, checked in the same way. */
export function QueryOf(dto: ClassConstructor<object>): ParameterDecorator {
  return typed(Query(), dto);
}

/**
 * Sets the parameter's type, from which validation and the OpenAPI document take its class. A route that is made at run
 * time can't name it.
 */
function typed(parameter: ParameterDecorator, dto: ClassConstructor<object>): ParameterDecorator {
  return (target, key, index) => {
    const types = Reflect.getMetadata('design:paramtypes', target, key as string) as unknown[];
    types[index] = dto;
    parameter(target, key, index);
  };
}
