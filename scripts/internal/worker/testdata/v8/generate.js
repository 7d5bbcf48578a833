// Writes what Node says to every line of the tables in this folder: NAME.js holds one program a
// line, NAME.txt gets one result a line. The tests compare both with what scripts get here.
//
//   TZ=UTC node scripts/internal/worker/testdata/v8/generate.js
//
// Node 20 is meant: the V8 that Rocket.Chat's scripts were written against.
'use strict';
const fs = require('fs');
const path = require('path');
const vm = require('vm');

if (!process.version.startsWith('v20.')) throw new Error(`Node 20 is needed, this is ${process.version}`);

const show = fs.readFileSync(path.join(__dirname, 'show.js'), 'utf8');

for (const file of fs.readdirSync(__dirname).filter((name) => /^table_.*\.js$/.test(name))) {
  const lines = fs.readFileSync(path.join(__dirname, file), 'utf8').split('\n').filter((line) => line && !line.startsWith('//'));
  const results = lines.map((line) => {
    const context = vm.createContext({});
    vm.runInContext(show, context);
    return vm.runInContext(`show(${JSON.stringify(line)})`, context);
  });
  fs.writeFileSync(path.join(__dirname, file.replace(/\.js$/, '.txt')), results.join('\n') + '\n');
}

// What there is, and of which kind, of all built-ins.
const builtins = fs.readFileSync(path.join(__dirname, 'builtins.js'), 'utf8');
fs.writeFileSync(path.join(__dirname, 'builtins.txt'), vm.runInContext(builtins, vm.createContext({})) + '\n');

// What Node's console prints for each line of console.js; a blank line ends each.
const { Console } = require('console');
const { Writable } = require('stream');
const printed = fs.readFileSync(path.join(__dirname, 'console.js'), 'utf8').split('\n').filter(Boolean).map((line) => {
  let text = '';
  const out = new Writable({ write(chunk, _, done) { text += chunk; done(); } });
  new Function('console', line)(new Console(out, out));
  return text + '====\n';
});
fs.writeFileSync(path.join(__dirname, 'console.txt'), printed.join(''));
