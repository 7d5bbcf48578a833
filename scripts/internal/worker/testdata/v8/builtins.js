// Lists every own property reachable from the built-ins of ECMAScript.
(function () {
  const names = ['Function','Object','Array','String','Number','Boolean','Symbol','BigInt','Date','RegExp','Error','AggregateError','EvalError','RangeError','ReferenceError','SyntaxError','TypeError','URIError','Math','JSON','Promise','Reflect','Proxy','Map','Set','WeakMap','WeakSet','WeakRef','FinalizationRegistry','ArrayBuffer','SharedArrayBuffer','DataView','Atomics','Int8Array','Uint8Array','Uint8ClampedArray','Int16Array','Uint16Array','Int32Array','Uint32Array','Float32Array','Float64Array','BigInt64Array','BigUint64Array','Intl','globalThis','eval','isNaN','isFinite','parseInt','parseFloat','encodeURI','encodeURIComponent','decodeURI','decodeURIComponent','escape','unescape','NaN','Infinity','undefined'];
  const out = [];
  const seen = new Map();
  const key = (k) => typeof k === 'symbol' ? '[' + String(k.description) + ']' : k;
  const show = (v) => typeof v === 'function' ? 'function ' + JSON.stringify(v.name) + ' ' + v.length : v === null ? 'null' : typeof v === 'object' ? 'object' : typeof v === 'symbol' ? 'symbol' : typeof v + ' ' + String(v);
  function walk(path, o) {
    if (seen.has(o)) return; seen.set(o, path);
    for (const k of Reflect.ownKeys(o)) {
      const d = Object.getOwnPropertyDescriptor(o, k);
      const p = path + '.' + key(k);
      const flags = (d.writable ? 'w' : '-') + (d.enumerable ? 'e' : '-') + (d.configurable ? 'c' : '-');
      if ('value' in d) {
        out.push(p + ': ' + show(d.value) + ' ' + flags);
        if (d.value && (typeof d.value === 'object' || typeof d.value === 'function')) walk(p, d.value);
      } else {
        out.push(p + ': accessor ' + (d.get ? 'get ' + d.get.name : '') + (d.set ? ' set ' + d.set.name: '') + ' ' + flags);
      }
    }
    const proto = Object.getPrototypeOf(o);
    if (proto && !seen.has(proto)) walk(path + '.__proto__', proto);
  }
  const g = globalThis;
  // What is built when it is first read.
  for (const n of names) if (n in g && n === 'Intl') for (const k of Reflect.ownKeys(g[n])) void g[n][k];
  for (const n of names) void g[n];
  for (const n of names) {
    if (!(n in g)) { out.push(n + ': absent'); continue; }
    const d = Object.getOwnPropertyDescriptor(g, n);
    if (n === 'globalThis') { continue; }
    out.push(n + ': ' + show(g[n]) + ' ' + (d.writable ? 'w' : '-') + (d.enumerable ? 'e' : '-') + (d.configurable ? 'c' : '-'));
    if (g[n] && (typeof g[n] === 'object' || typeof g[n] === 'function')) walk(n, g[n]);
  }
  walk('ArrayIterator', Object.getPrototypeOf([][Symbol.iterator]()));
  walk('StringIterator', Object.getPrototypeOf(''[Symbol.iterator]()));
  walk('MapIterator', Object.getPrototypeOf(new Map()[Symbol.iterator]()));
  walk('SetIterator', Object.getPrototypeOf(new Set()[Symbol.iterator]()));
  walk('RegExpStringIterator', Object.getPrototypeOf(''.matchAll(/a/g)));
  walk('Generator', Object.getPrototypeOf(function* () {}));
  walk('AsyncFunction', Object.getPrototypeOf(async function () {}));
  return out.join('\n');
})()
