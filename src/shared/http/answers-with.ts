import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { ProblemCode } from '../problems/problem-codes.js';

export const PROBLEM_CODES = 'rolecall:problem-codes';

/** The problems that a route answers with. What they say is known once the application has put the lists of its modules together. */
export function AnswersWith(codes: readonly ProblemCode[]): MethodDecorator {
  return applyDecorators(SetMetadata(PROBLEM_CODES, codes), ApiExtension('x-problem-codes', codes));
}
