import { applyDecorators } from '@nestjs/common';
import type { ClassConstructor } from 'class-transformer';
import { IsOptional, validateSync } from 'class-validator';

interface SettingOptions {
  /** The text that counts while the setting is absent. Without it, the property is null then, and isn't checked. */
  default?: string;
  /** True: blanks around the text belong to it. */
  keepsBlanks?: boolean;
}

interface Declaration extends SettingOptions {
  description: string;
}

/** What is wrong with a setting, in a sentence that names settings and never a value. */
export interface SettingProblem<Name extends PropertyKey> {
  setting: Name;
  sentence: string;
}

/** By the prototype of the class that declares them. */
const DECLARATIONS = new WeakMap<object, Map<PropertyKey, Declaration>>();

/**
 * Declares that a property holds the setting of its name. The decorators below it convert and check the text. Their
 * messages follow the setting's name.
 */
export function Setting(description: string, options: SettingOptions = {}): PropertyDecorator {
  const declare: PropertyDecorator = (prototype, name) => {
    const declarations = DECLARATIONS.get(prototype) ?? new Map<PropertyKey, Declaration>();
    DECLARATIONS.set(prototype, declarations.set(name, { description, ...options }));
  };
  return applyDecorators(declare, ...(options.default === undefined ? [IsOptional()] : []));
}

/** Returns the description of each setting of a class, in the order of their declaration. */
export function descriptionsOf<T extends object>(type: ClassConstructor<T>): Record<keyof T, string> {
  return ofEach(type, ({ description }) => description);
}

/** Returns the text of each setting of a class: as it is given, or else its default, or else null. */
export function textsOf<T extends object>(
  type: ClassConstructor<T>,
  env: NodeJS.ProcessEnv,
): Record<keyof T, string | null> {
  return ofEach(type, ({ default: fallback = null, keepsBlanks = false }, name) => {
    const given = env[String(name)];
    return (keepsBlanks ? given : given?.trim()) || fallback;
  });
}

/** Checks each setting by itself. Returns the problems in the order of the declaration, at most one for a setting. */
export function problemsWith<T extends object>(settings: T): SettingProblem<keyof T>[] {
  return validateSync(settings, { stopAtFirstError: true }).flatMap(({ property, constraints = {} }) =>
    Object.values(constraints).map((problem) => ({
      setting: property as keyof T,
      sentence: `${property} ${problem}`,
    })),
  );
}

function ofEach<T extends object, V>(
  type: ClassConstructor<T>,
  of: (declaration: Declaration, name: PropertyKey) => V,
): Record<keyof T, V> {
  const declarations = DECLARATIONS.get(type.prototype as object) ?? new Map<PropertyKey, Declaration>();
  return Object.fromEntries([...declarations].map(([name, declared]) => [name, of(declared, name)])) as Record<
    keyof T,
    V
  >;
}
