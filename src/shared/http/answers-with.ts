import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { ProblemCode } from '../problems/problem-codes.js';

export const PROBLEM_CODES = 'rolecall:problem-codes';

/**
 * Declares the problems that a route answers with. Their titles are known once the application has merged its modules'
 * lists.
 */
export function AnswersWith(codes: readonly ProblemCode[]): MethodDecorator {
  return applyDecorators(SetMetadata(PROBLEM_CODES, codes), ApiExtension('x-problem-codes', codes));
}
