// The server thread: answers each call from the case's list, and remembers the calls.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { parentPort } from 'node:worker_threads';

let answers = [];
let calls = [];

const server = createServer(async (request, response) => {
  const body = await text(request);
  const url = request.headers['x-asked-of'] + request.url;
  const told = ['authorization', 'content-type', ...Object.keys(request.headers).filter((name) => /^x-(?!asked-)/.test(name))];
  const headers = told.filter((name) => request.headers[name]).map((name) => `${name}: ${request.headers[name]}`);
  calls.push({ n: Number(request.headers['x-asked-as']), text: [`${request.method} ${url}`, ...headers, body].filter(Boolean).join(' | ') });
  const answer = answers.find((one) => (one.method ?? 'GET') === request.method && one.url === url);
  if (!answer) {
    request.socket.destroy();
    return;
  }
  response.sendDate = false;
  response.writeHead(answer.status ?? 200, answer.headers);
  response.end(answer.body ?? '');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

parentPort.on('message', (question) => {
  if (question.what === 'port') parentPort.postMessage({ port: server.address().port });
  if (question.what === 'answers') {
    ({ answers } = question);
    calls = [];
    parentPort.postMessage('ready');
  }
  if (question.what === 'calls') parentPort.postMessage(calls.sort((a, b) => a.n - b.n).map(({ text }) => text));
});
