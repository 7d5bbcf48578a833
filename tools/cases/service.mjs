// The services that a case's script calls: a server on the loopback interface, which answers from
// the case's answers.json whatever host the script names, and the functions to call it with.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

export async function startService() {
  // A thread of its own answers while HTTP makes this one wait.
  const thread = new Worker(new URL('./answers.mjs', import.meta.url));
  const ask = async (question) => {
    thread.postMessage(question);
    const [answer] = await once(thread, 'message');
    return answer;
  };
  const { port } = await ask({ what: 'port' });
  let made = 0; // calls, so that those that run side by side are told in the order in which they were made
  return {
    answer: (answers) => ask({ what: 'answers', answers }),
    calls: () => ask({ what: 'calls' }),
    stop: () => thread.terminate(),
    fetch: (resource, options) => fetchFrom(port, ++made, resource, options),
    HTTP: (method, url, options) => callAndWait(port, ++made, method, url, options),
  };
}

// fetchFrom is Node's fetch with another address.
async function fetchFrom(port, n, resource, options = {}) {
  const asked = new URL(resource);
  const headers = new Headers(options.headers);
  headers.set('x-asked-of', asked.origin);
  headers.set('x-asked-as', n);
  return fetch(`http://127.0.0.1:${port}${asked.pathname}${asked.search}`, { ...options, headers });
}

// callAndWait is the older engine's HTTP: the result, or the error, when the call is over. What it
// says of statuses and options is in Meteor's documentation of its http package.
function callAndWait(port, n, method, url, options = {}) {
  const { request, problem } = requestOf(method, url, options);
  if (problem) return { error: new Error(problem) };
  const script = fileURLToPath(new URL('./call.mjs', import.meta.url));
  const call = spawnSync(process.execPath, [script], { input: JSON.stringify({ port, n, ...request }), encoding: 'utf8' });
  const { failed, status, headers, content } = JSON.parse(call.stdout);
  if (failed) return { error: new Error(failed) };
  const result = { statusCode: status, content, headers, data: dataOf(headers, content) };
  if (status < 400) return { result };
  return { error: Object.assign(new Error(`failed [${status}] ${content.slice(0, 500)}`), { response: result }) };
}

function requestOf(method, url, { content, data, query, params, auth, headers = {} }) {
  const address = new URL(url);
  const sent = { ...headers };
  let body = content;
  if (data !== undefined) {
    if (content !== undefined) return { problem: `Can't specify both "content" and "data"` };
    body = JSON.stringify(data);
    if (!Object.keys(sent).some((name) => name.toLowerCase() === 'content-type')) sent['content-type'] = 'application/json';
  }
  if (query) address.search = query;
  if (params && ['GET', 'HEAD'].includes(method) || params && body !== undefined) {
    for (const [name, value] of Object.entries(params)) address.searchParams.append(name, value);
  } else if (params) {
    body = new URLSearchParams(params).toString();
    sent['content-type'] = 'application/x-www-form-urlencoded';
  }
  if (auth) sent.authorization = 'Basic ' + Buffer.from(auth).toString('base64');
  return { request: { method, url: address.href, headers: sent, body } };
}

function dataOf(headers, content) {
  const [type] = (headers['content-type'] ?? '').split(';');
  if (!['application/json', 'text/javascript', 'application/javascript', 'application/x-javascript'].includes(type)) return null;
  try {
    return JSON.parse(content);
  } catch {
    return null;
  }
}
