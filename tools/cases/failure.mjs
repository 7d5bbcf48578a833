// Words what a script threw as the server does: name, message and the author's place.
import { inspect } from 'node:util';

import { fileName } from './compile.mjs';

export function failure(phase, thrown, place) {
  const at = thrown?.place ?? placeIn(thrown, place);
  const text = wording(thrown) + (at ? ` (${at.line}:${at.column})` : '');
  return Object.assign(new Error(text), { phase, text });
}

function wording(thrown) {
  if (typeof thrown === 'string') return thrown;
  if (Object.prototype.toString.call(thrown) !== '[object Error]') return inspect(thrown);
  return [thrown.name, thrown.message].filter(Boolean).join(': ');
}

// placeIn is the first place of a stack in the author's text. Where a stack overflows is chance.
function placeIn(thrown, place) {
  const stack = typeof thrown?.stack === 'string' ? thrown.stack : '';
  if (stack.startsWith('RangeError: Maximum call stack')) return undefined;
  for (const [, line, column] of stack.matchAll(new RegExp(`\\b${fileName}:(\\d+):(\\d+)`, 'g'))) {
    const at = place(Number(line), Number(column));
    if (at) return at;
  }
  return undefined;
}
