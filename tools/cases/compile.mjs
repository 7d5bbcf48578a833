// Compiles a script as the README says, and finds the author's place for one in the compiled text.
import vm from 'node:vm';

import babel from '@babel/core';
import presetEnv from '@babel/preset-env';
import presetTypeScript from '@babel/preset-typescript';
import { TraceMap, originalPositionFor } from '@jridgewell/trace-mapping';

export const fileName = 'script.js';

// What comes before the author's text upstream: a directive that opens that text is none any more.
const before = 'void 0;\n';

// With classes as functions, code in them is no stricter than around them. All else stays as Node
// has it, so that messages are V8's own.
const sloppyClasses = {
  targets: { node: '20.0' },
  include: [
    '@babel/plugin-transform-classes',
    '@babel/plugin-transform-class-properties',
    '@babel/plugin-transform-class-static-block',
    '@babel/plugin-transform-private-methods',
    '@babel/plugin-transform-private-property-in-object',
  ],
};

// How far a script is compiled.
export const sloppy = { sourceType: 'module', presets: [[presetEnv, sloppyClasses]] };
export const wholly = { sourceType: 'module', presets: [[presetEnv, { targets: {} }]] };
export const strict = { sourceType: 'unambiguous', presets: [] };

// compile returns the script to run and what finds the author's places.
export function compile(source, how) {
  const compiled = babelOf(source, how);
  const script = new vm.Script(before + (compiled?.code ?? source), { filename: fileName, lineOffset: -1 });
  const map = compiled && new TraceMap(compiled.map);
  const place = (line, column) => {
    if (!map) return authorPlace(source, line, column - 1);
    const found = originalPositionFor(map, { line, column: column - 1 });
    return found.line ? authorPlace(source, found.line, found.column) : undefined;
  };
  return { script, place };
}

// babelOf is nothing for a text that runs as it is. TypeScript is tried where there is no other way.
function babelOf(source, how) {
  const options = { ...how, filename: fileName, configFile: false, babelrc: false, sourceMaps: true, compact: false };
  if (how === strict && isScript(source)) return undefined;
  try {
    return babel.transformSync(source, options);
  } catch (failure) {
    try {
      const presets = [...how.presets, [presetTypeScript, { allExtensions: true }]];
      return babel.transformSync(source, { ...options, presets });
    } catch {
      throw syntaxErrorOf(source, failure);
    }
  }
}

function isScript(source) {
  try {
    return Boolean(new vm.Script(source));
  } catch {
    return false;
  }
}

// syntaxErrorOf is V8's own error where it has one, placed like the others.
function syntaxErrorOf(source, failure) {
  try {
    new vm.Script(source, { filename: fileName });
  } catch (error) {
    const [, line, caret] = error.stack.match(/^script\.js:(\d+)\n.*\n( *)\^/) ?? [];
    return Object.assign(error, { place: line && authorPlace(source, Number(line), caret.length) });
  }
  return Object.assign(new SyntaxError(failure.message), { place: failure.loc && authorPlace(source, failure.loc.line, failure.loc.column) });
}

// authorPlace counts columns in characters and from one.
function authorPlace(source, line, column) {
  const text = source.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1] ?? '';
  return { line, column: [...text.slice(0, column)].length + 1 };
}
