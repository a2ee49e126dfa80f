// Makes Node import the TypeScript of this repository, compiled as `npm run build` compiles it.
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

process.setSourceMapsEnabled(true);
registerHooks({ resolve, load });

/** Resolves `./x.js`, as a TypeScript file writes it, to x.ts. */
function resolve(specifier, context, next) {
  if (isTypeScript(context.parentURL) && /^\.\.?\/.*\.js$/.test(specifier)) {
    const url = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(url)) return { url: url.href, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

function load(url, context, next) {
  if (!isTypeScript(url)) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = transformSync(readFileSync(filename, 'utf8'), { filename, sourceMaps: 'inline' });
  return { format: 'module', source: code, shortCircuit: true };
}

function isTypeScript(url = '') {
  return url.startsWith('file:') && new URL(url).pathname.endsWith('.ts') && !url.includes('/node_modules/');
}
