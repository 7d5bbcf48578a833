// Runs case files under Node and writes down what came of them: the parts value.json, console,
// error and calls of each call. With --check nothing is written, and a difference is a failure.
import { readFileSync, writeFileSync } from 'node:fs';

import { parse, print } from './archive.mjs';
import { outcomes } from './outcome.mjs';
import { startService } from './service.mjs';

const files = process.argv.slice(2).filter((argument) => argument !== '--check');
const check = process.argv.includes('--check');

sayWhereWeAre();
// A promise that a script drops may be rejected; that is the script's own business.
process.on('unhandledRejection', () => {});

const service = await startService();
let changed = 0;
for (const file of files) {
  const before = readFileSync(file, 'utf8');
  const after = print(await outcomes(parse(before), service));
  if (after === before) continue;
  changed++;
  console.log(`${check ? 'differs' : 'wrote'} ${file}`);
  if (!check) writeFileSync(file, after);
}
console.log(`${files.length} cases, ${changed} ${check ? 'differ' : 'written'}`);
await service.stop();
process.exit(check && changed > 0 ? 1 : 0);

// Outcomes must not depend on whose machine it is.
function sayWhereWeAre() {
  const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions();
  if (locale !== 'en-US' || timeZone !== 'UTC' || !process.version.startsWith('v20.')) {
    console.error(`Cases are made by Node 20 in en-US and UTC (make cases sees to it), not ${process.version} in ${locale} and ${timeZone}.`);
    process.exit(2);
  }
}
