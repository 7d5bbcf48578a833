// show runs a program and says in one line what came of it.
function show(text) {
  const word = (v, seen) => {
    if (typeof v === 'string') return JSON.stringify(v).replace(/[\u007f-\uffff]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
    if (Object.is(v, -0)) return '-0';
    if (typeof v === 'bigint') return v + 'n';
    if (typeof v === 'symbol') return v.toString();
    if (typeof v === 'function') return 'function ' + v.name;
    if (v === null || typeof v !== 'object') return String(v);
    if (seen.includes(v)) return '<circle>';
    const inner = seen.concat([v]);
    if (v instanceof Error) return v.name + '(' + word(v.message, inner) + ')';
    if (v instanceof Date) return 'Date(' + v.getTime() + ')';
    if (v instanceof RegExp) return v.toString();
    if (v instanceof Map || v instanceof Set) return v.constructor.name + '(' + Array.from(v).map((x) => word(x, inner)).join(',') + ')';
    const keys = Reflect.ownKeys(v).filter((k) => Object.getOwnPropertyDescriptor(v, k).enumerable);
    if (Array.isArray(v)) {
      const items = [];
      for (let i = 0; i < v.length; i++) items.push(i in v ? word(v[i], inner) : '');
      const more = keys.filter((k) => typeof k === 'symbol' || !/^\d+$/.test(k)).map((k) => String(k) + ':' + word(v[k], inner)).sort();
      return '[' + items.concat(more).join(',') + ']';
    }
    return '{' + keys.map((k) => String(k) + ':' + word(v[k], inner)).join(',') + '}';
  };
  try {
    return word((0, eval)(text), []);
  } catch (e) {
    return 'throws ' + (e instanceof Error ? e.name + ': ' + word(String(e.message), []) : word(e, []));
  }
}
