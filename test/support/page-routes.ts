import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { RequestMethod } from '@nestjs/common';
import { HEADERS_METADATA, METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { TestServer } from './test-server.js';

/** A route that answers with HTML. */
export interface PageRoute {
  method: 'GET' | 'POST';
  /** With the names of its parameters: `/portal/organisations/:id/staff`. */
  path: string;
}

/** Every route of the running product that answers with HTML, by what its controllers declare. */
export function pageRoutesOf(server: TestServer): PageRoute[] {
  const modules = [...server.running.app.get(ModulesContainer).values()];
  const controllers = new Set(
    modules.flatMap(({ controllers: own }) => [...own.values()].map(({ metatype }) => metatype)),
  );
  return [...controllers].flatMap((controller) => {
    const { prototype } = controller as { prototype: Record<string, object> };
    return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
      const handler = prototype[name]!;
      const read = (key: string, of: object = handler): unknown => Reflect.getMetadata(key, of);
      const headers = (read(HEADERS_METADATA) ?? []) as { name: string; value: unknown }[];
      if (!headers.some(({ value }) => String(value).startsWith('text/html'))) return [];
      const paths = (of: unknown): string[] => [of].flat().map(String);
      return paths(read(PATH_METADATA, controller as object)).flatMap((before) =>
        paths(read(PATH_METADATA)).map((path): PageRoute => ({
          method: read(METHOD_METADATA) === RequestMethod.POST ? 'POST' : 'GET',
          path: `/${[before, path]
            .flatMap((part) => part.split('/'))
            .filter(Boolean)
            .join('/')}`,
        })),
      );
    });
  });
}
