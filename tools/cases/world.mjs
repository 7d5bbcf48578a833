// Makes the context in which a case's script runs: the language's own built-ins and what Rocket.Chat's
// engines offer, the older and the newer ones together.
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { format } from 'node:util';
import vm from 'node:vm';

import { strings } from './strings.mjs';

const require = createRequire(import.meta.url);

export function makeWorld(said, service) {
  const world = vm.createContext({});
  const own = builtIns(world);
  const kept = new Map();
  const print = (...values) => { said.push(format(...values)); };
  const globals = {
    global: vm.runInContext('globalThis', world),
    console: { log: print, info: print, warn: print, error: print, debug: print },
    Store: { get: (key) => kept.get(key), set: (key, value) => { kept.set(key, value); return value; } },
    HTTP: service.HTTP,
    fetch: service.fetch,
    serverFetch: service.fetch,
    module: { exports: {} },
    crypto: { createHmac: crypto.createHmac, createHash: crypto.createHash, randomUUID: crypto.randomUUID, timingSafeEqual: crypto.timingSafeEqual },
    _: library(world, 'lodash', 'lodash.js'),
    moment: library(world, 'moment', 'moment.js'),
    s: strings(library(world, 'underscore.string', 'dist/underscore.string.js')),
  };
  for (const name of ['URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'Buffer', 'atob', 'btoa', 'structuredClone',
    'queueMicrotask', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate']) {
    globals[name] = globalThis[name];
  }
  globals.exports = globals.module.exports;
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(world, name, { value, writable: true, configurable: true, enumerable: false });
  }
  return { context: world, ...own };
}

// library loads one file of a package inside the context, so that its arrays are the script's arrays.
function library(world, name, file) {
  const path = require.resolve(`${name}/${file}`);
  const load = vm.runInContext(`(function (module, exports) { ${readFileSync(path, 'utf8')}\n})`, world, { filename: path });
  const module = { exports: {} };
  load.call(world, module, module.exports);
  return module.exports;
}

// builtIns are the context's as they are before a script could replace them.
function builtIns(world) {
  return vm.runInContext(`({
    Date,
    parse: JSON.parse,
    stringify: JSON.stringify,
    returning: (value) => function toString() { return value; },
    define: (object, name, value, enumerable) =>
      Object.defineProperty(object, name, { value, enumerable, writable: true, configurable: true }),
  })`, world);
}
