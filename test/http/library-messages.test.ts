import { getMetadataStorage, IsString, Matches, ValidateBy } from 'class-validator';
import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata.js';
import '../../src/app.module.js';

/** A condition has no message, because it only decides whether the other checks run. */
const CONDITION = 'conditionalValidation';

/** The checks of all loaded DTOs without a message of the product, as `Class.field: check`. */
function checksWithoutWords(): string[] {
  const { validationMetadatas } = getMetadataStorage() as unknown as {
    validationMetadatas: Map<{ name: string }, ValidationMetadata[]>;
  };
  return [...validationMetadatas].flatMap(([{ name }, checks]) =>
    checks
      .filter(({ type, message }) => type !== CONDITION && !message)
      .map((check) => `${name}.${check.propertyName}: ${check.name ?? check.type}`),
  );
}

class InTheLibrarysWords {
  @IsString()
  silent: string;
  @Matches(/^a/, { message: 'must begin with an a' })
  spoken: string;
  @ValidateBy({ name: 'isAnything', validator: { validate: () => true, defaultMessage: () => 'is nothing' } })
  hidden: string;
}

describe('messages in the words of the validation library', () => {
  it('are not used by any field of the product', () => {
    const found = checksWithoutWords().filter((check) => !check.startsWith(InTheLibrarysWords.name));
    expect(found).toEqual([]);
  });

  it('are found by the names of the class, the field and the check', () => {
    const found = checksWithoutWords().filter((check) => check.startsWith(InTheLibrarysWords.name));
    expect(found).toEqual(['InTheLibrarysWords.silent: isString', 'InTheLibrarysWords.hidden: isAnything']);
  });
});
