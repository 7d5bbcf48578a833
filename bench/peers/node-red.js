'use strict';
// Node-RED with one flow: http in, a function with the same script, http response. Its editor and
// its log of requests are off; everything else is as it comes.
//
//     node node-red.js --port PORT --script FILE

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');

const express = require('express');
const RED = require('node-red');

const { values: options } = parseArgs({ options: { port: { type: 'string' }, script: { type: 'string' } } });

const source = fs.readFileSync(options.script, 'utf8');
const userDir = fs.mkdtempSync(path.join(os.tmpdir(), 'grapnel-node-red-'));
process.on('exit', () => fs.rmSync(userDir, { recursive: true, force: true }));
process.on('SIGTERM', () => process.exit(0));

const flow = [
  { id: 'flow', type: 'tab', label: 'hooks' },
  { id: 'in', type: 'http in', z: 'flow', url: '/hooks/:id/:token', method: 'post', wires: [['script']] },
  {
    id: 'script',
    type: 'function',
    z: 'flow',
    // The class is made when the flow starts, and kept.
    initialize: `${source}\ncontext.set('instance', new Script());`,
    func: `const request = { headers: msg.req.headers, content: msg.payload, url_raw: msg.req.url, url_params: msg.req.params };
const result = context.get('instance').process_incoming_request({ request });
msg.statusCode = result && result.content ? 200 : 400;
msg.payload = { success: msg.statusCode === 200 };
return msg;`,
    outputs: 1,
    wires: [['out']],
  },
  { id: 'out', type: 'http response', z: 'flow', wires: [] },
];
fs.writeFileSync(path.join(userDir, 'flows.json'), JSON.stringify(flow));

const app = express();
const server = http.createServer(app);
server.keepAliveTimeout = 60_000;

RED.init(server, {
  userDir,
  flowFile: 'flows.json',
  httpAdminRoot: false,
  httpNodeRoot: '/',
  credentialSecret: false,
  telemetry: { enabled: false, updateNotification: false },
  logging: { console: { level: 'warn', metrics: false, audit: false } },
});
app.use(RED.settings.httpNodeRoot, RED.httpNode);
RED.start().then(() => {
  // The flow's own answer tells that it is there.
  RED.events.once('flows:started', listen);
  let listening = false;
  function listen() {
    if (listening) return;
    listening = true;
    app.get('/readyz', (_, response) => response.end('{}'));
    server.listen(Number(options.port), '127.0.0.1');
  }
  if (RED.runtime && RED.nodes && RED.nodes.getFlows && RED.nodes.getFlows()) listen();
});
