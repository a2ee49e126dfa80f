import type { OpenAPIObject } from '@nestjs/swagger';
import { fieldOf, fieldsOf, type FieldView, type Schema, type Schemas } from './schema-fields.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['post']> & {
  'x-permission'?: string;
  'x-scope'?: string;
  'x-while-archived'?: true;
  'x-max-body-bytes'?: number;
};
type Response = Operation['responses'][string];

export interface ParameterView extends FieldView {
  place: 'path' | 'query' | 'header';
}

interface ProblemView {
  status: string;
  codes: string[];
}

export interface OperationView {
  /** Its operation id, which is also its address on the page. */
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string | null;
  /** A permission that the caller needs; null: none. */
  permission: string | null;
  /** Who may call it, after the permission if there is one. */
  callers: string;
  notes: string[];
  parameters: ParameterView[];
  /** Names of the headers that it takes. */
  headers: string[];
  body: FieldView[];
  /** The example body as JSON text; null: it takes none. */
  example: string | null;
  exampleLines: number;
  /** Name of the part of the form that holds the file; null: it takes none. */
  file: string | null;
  status: string;
  answer: FieldView[];
  /** Only those that not every call has. */
  problems: ProblemView[];
}

export interface AreaView {
  name: string;
  slug: string;
  operations: OperationView[];
}

/** The OpenAPI document as people read it. */
export interface ReferenceView {
  description: string;
  areas: AreaView[];
  headers: FieldView[];
  /** What every call may answer with. */
  commonProblems: ProblemView[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const LARGEST_EXAMPLE_LINES = 20;
const BYTES = new Intl.NumberFormat('en-GB');

/** Reads the whole document. Areas and their operations are in the document's order. */
export function readReference(document: OpenAPIObject): ReferenceView {
  const schemas = document.components?.schemas ?? {};
  const found = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method] as Operation | undefined;
      return operation ? [{ path, method: method.toUpperCase(), operation }] : [];
    }),
  );
  const [first, ...others] = found.map(({ operation }) => new Set(codesOf(operation)));
  const common = new Set([...(first ?? [])].filter((code) => others.every((codes) => codes.has(code))));
  const operations = found.map(({ path, method, operation }) => ({
    area: operation.tags?.[0] ?? 'Other',
    view: operationView(path, method, operation, schemas, common),
  }));
  const headers = found.flatMap(({ operation }) => parametersOf(operation, schemas).filter(isHeader));
  return {
    description: document.info.description ?? '',
    areas: [...Map.groupBy(operations, ({ area }) => area)].map(([name, some]) => ({
      name,
      slug: name.toLowerCase().replaceAll(/[^a-z]+/g, '-'),
      operations: some.map(({ view }) => view),
    })),
    headers: [...new Map(headers.map((header) => [header.name, header])).values()],
    commonProblems: problemsOf(found[0]?.operation, (code) => common.has(code)),
  };
}

function operationView(
  path: string,
  method: string,
  operation: Operation,
  schemas: Schemas,
  common: ReadonlySet<string>,
): OperationView {
  const { operationId = '', summary = '', description = null, requestBody } = operation;
  const content = requestBody && 'content' in requestBody ? requestBody.content : {};
  const json = content['application/json'];
  const form = content['multipart/form-data']?.schema;
  const all = parametersOf(operation, schemas);
  const [status = '', success] = Object.entries(operation.responses).find(([code]) => code.startsWith('2')) ?? [];
  const answer = schemaOf(success, 'application/json');
  const example = json ? JSON.stringify(json.example, null, 2) : null;
  return {
    id: operationId,
    method,
    path,
    summary,
    description,
    permission: operation['x-permission'] ?? null,
    callers: callersOf(operation),
    notes: notesOf(operation),
    parameters: all.filter((parameter) => !isHeader(parameter)),
    headers: all.filter(isHeader).map(({ name }) => name),
    body: json?.schema ? fieldsOf(json.schema, schemas) : [],
    example,
    exampleLines: Math.min(example?.split('\n').length ?? 0, LARGEST_EXAMPLE_LINES),
    file: form ? (fieldsOf(form, schemas)[0]?.name ?? null) : null,
    status,
    answer: answer ? fieldsOf(answer, schemas) : [],
    problems: problemsOf(operation, (code) => !common.has(code)),
  };
}

function parametersOf({ parameters = [] }: Operation, schemas: Schemas): ParameterView[] {
  return parameters.flatMap((parameter) => {
    if (!('in' in parameter) || !parameter.schema) return [];
    const { name, in: place, required = false, description, schema } = parameter;
    const field = fieldOf(name, schema, required, schemas);
    return [
      {
        ...field,
        place: place as ParameterView['place'],
        description: description ?? field.description,
      },
    ];
  });
}

function isHeader({ place }: ParameterView): boolean {
  return place === 'header';
}

function callersOf(operation: Operation): string {
  const { security, 'x-permission': permission, 'x-scope': scope } = operation;
  const thing = scope?.replaceAll('-', ' ');
  if (security === undefined) return 'Anybody. The caller need not be signed in.';
  if (permission) {
    if (thing === undefined || thing === 'platform') return 'on the platform.';
    return thing === 'organisation' || thing === 'deployment' ? `in this ${thing}.` : `where this ${thing} is.`;
  }
  if (thing === undefined) return 'Any signed-in caller.';
  return thing.startsWith('own ')
    ? `The signed-in person whom this ${thing.slice('own '.length)} is for.`
    : `Signed-in callers who may see this ${thing}. More may depend on their place in it.`;
}

function notesOf(operation: Operation): string[] {
  const bytes = operation['x-max-body-bytes'];
  return [
    ...(operation['x-while-archived'] ? ['Works while archived.'] : []),
    ...(bytes === undefined ? [] : [`The body has at most ${BYTES.format(bytes)} bytes.`]),
  ];
}

function problemsOf(operation: Operation | undefined, isShown: (code: string) => boolean): ProblemView[] {
  return Object.entries(operation?.responses ?? {})
    .map(([status, response]) => ({ status, codes: codesIn(response).filter(isShown) }))
    .filter(({ codes }) => codes.length > 0);
}

function codesOf({ responses }: Operation): string[] {
  return Object.values(responses).flatMap(codesIn);
}

function codesIn(response: Response): string[] {
  const schema = schemaOf(response, 'application/problem+json');
  if (!schema || !('allOf' in schema)) return [];
  return (schema.allOf ?? []).flatMap((part) => {
    const code = 'properties' in part ? part.properties['code'] : undefined;
    return code && 'enum' in code ? (code.enum ?? []).map(String) : [];
  });
}

function schemaOf(response: Response | undefined, type: string): Schema | undefined {
  return response && 'content' in response ? response.content[type]?.schema : undefined;
}
