'use strict';
// What Rocket.Chat's engine does with a hook's script, and nothing else: one isolate of 8 MB and
// one context per integration, kept from call to call; the script compiled and its class
// instantiated once; the request copied in and the result copied out. There is no database, and
// what the script returns is posted nowhere.
//
//     node isolated.js --port PORT --processes N --script FILE

const cluster = require('node:cluster');
const fs = require('node:fs');
const http = require('node:http');
const { parseArgs } = require('node:util');

const { values: options } = parseArgs({
  options: {
    port: { type: 'string' },
    processes: { type: 'string', default: '1' },
    script: { type: 'string' },
  },
});

const MEMORY_MB = 8;
const TIMEOUT_MS = 3000;

const processes = Number(options.processes);
if (processes > 1 && cluster.isPrimary) {
  for (let i = 0; i < processes; i++) cluster.fork();
  cluster.on('exit', () => process.exit(1));
  process.on('SIGTERM', () => process.exit(0));
} else {
  serve();
}

function serve() {
  const ivm = require('isolated-vm');
  const source = fs.readFileSync(options.script, 'utf8');
  const integrations = new Map();

  /** The integration's world, made when it is first called. */
  function integration(id) {
    let found = integrations.get(id);
    if (!found) {
      found = load(ivm, source);
      integrations.set(id, found);
    }
    return found;
  }

  /** Runs the script, in a new isolate if the old one went beyond its memory. */
  async function run(id, argument) {
    const world = integration(id);
    try {
      return await (await world).run(argument);
    } catch (error) {
      if (!(await world).disposed()) throw error;
      if (integrations.get(id) === world) integrations.delete(id);
      return (await integration(id)).run(argument);
    }
  }

  const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const [, hooks, id, token] = url.pathname.split('/');
    if (request.method === 'GET' && url.pathname === '/readyz') return answer(response, 200, {});
    if (request.method !== 'POST' || hooks !== 'hooks' || !token) return answer(response, 404, { success: false });
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', async () => {
      try {
        const raw = Buffer.concat(chunks).toString('utf8');
        const result = await run(id, requestOf(request, url, { id, token }, raw));
        if (!result || !result.content) throw new Error('the script made no message');
        answer(response, 200, { success: true });
      } catch (error) {
        answer(response, 400, { success: false, error: error.message });
      }
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(Number(options.port), '127.0.0.1');
  process.on('SIGTERM', () => process.exit(0));
}

/** What a script is given, as its documentation lists it. */
function requestOf(request, url, { id, token }, raw) {
  const content = JSON.parse(raw);
  return {
    url: { hash: url.hash, search: url.search, query: Object.fromEntries(url.searchParams), pathname: url.pathname, path: request.url },
    url_raw: request.url,
    url_params: { integrationId: id, token },
    content,
    content_raw: raw,
    headers: request.headers,
    body: content,
    user: { _id: 'rocket.cat', name: 'Rocket.Cat', username: 'rocket.cat' },
  };
}

async function load(ivm, source) {
  const isolate = new ivm.Isolate({ memoryLimit: MEMORY_MB });
  const context = await isolate.createContext();
  const script = await isolate.compileScript(`${source}\n;globalThis.instance = new Script();`);
  await script.run(context, { timeout: TIMEOUT_MS });
  const method = await context.eval('(request) => instance.process_incoming_request({ request })', { reference: true });
  return {
    disposed: () => isolate.isDisposed,
    // On the caller's thread, as upstream does: the process serves one call after the other.
    run: (request) => method.applySync(undefined, [request], { arguments: { copy: true }, result: { copy: true, promise: true } }),
  };
}

function answer(response, status, document) {
  const body = JSON.stringify(document);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
