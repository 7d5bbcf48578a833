// Runs the calls of a case and adds what came of each.
import { isDeepStrictEqual } from 'node:util';
import vm from 'node:vm';

import { content } from './archive.mjs';
import { compile, sloppy, strict, wholly } from './compile.mjs';
import { failure } from './failure.mjs';
import { makeWorld } from './world.mjs';

// Parts that a run writes, in their order. All others are the author's.
const written = ['value.json', 'console', 'error', 'calls', 'upstream'];

export async function outcomes(archive, service) {
  const own = archive.parts.filter(({ name }) => !written.includes(name));
  const calls = callsIn(own);
  const first = calls[0].parts;
  const source = first.get('script.js') ?? '';
  const how = first.has('strict') ? strict : sloppy;
  process.env.TZ = first.get('zone') ?? 'UTC'; // Node tells V8
  const got = await runAll(source, how, calls, service);
  const upstream = how === strict ? got : await runAll(source, wholly, calls, service);
  const parts = [];
  calls.forEach((call, n) => {
    parts.push(...call.own, ...partsOf(got[n]));
    if (!isDeepStrictEqual(withoutPlace(upstream[n]), withoutPlace(got[n]))) {
      parts.push({ name: 'upstream', text: JSON.stringify(upstream[n], null, 2) + '\n' });
    }
  });
  return { comment: archive.comment, parts };
}

// callsIn divides a case where a part is called again; what a call does not say is as before.
function callsIn(own) {
  const calls = [{ own: [], parts: new Map() }];
  for (const part of own) {
    if (part.name === 'again') calls.push({ own: [], parts: new Map(calls.at(-1).parts) });
    calls.at(-1).own.push(part);
    calls.at(-1).parts.set(part.name, content(part));
  }
  return calls;
}

async function runAll(source, how, calls, service) {
  const said = [];
  const take = () => said.splice(0).join('\n');
  const world = makeWorld(said, service);
  let loaded;
  let broken;
  try {
    loaded = load(source, how, world);
  } catch (error) {
    broken = error;
  }
  const list = [];
  for (const { parts } of calls) {
    await service.answer(JSON.parse(parts.get('answers.json') ?? '[]'));
    let outcome = {};
    try {
      if (broken) throw broken;
      outcome.value = (await call(loaded, world, parts)) ?? '';
    } catch (error) {
      outcome = { error: `${error.phase}: ${error.text}` };
      if (!error.phase) throw error;
    }
    outcome.console = withoutFrames(take());
    outcome.calls = (await service.calls()).join('\n');
    list.push(outcome);
  }
  return list;
}

// load runs the script's top level and makes an instance of its class.
function load(source, how, world) {
  let compiled;
  try {
    compiled = compile(source, how);
  } catch (error) {
    throw failure('compile', error, () => error.place);
  }
  try {
    compiled.script.runInContext(world.context);
    const Class = vm.runInContext(
      `typeof Script !== 'undefined' ? Script : module.exports.Script || module.exports.default || module.exports`, world.context);
    return { instance: new Class(), place: compiled.place };
  } catch (error) {
    throw failure('evaluate', error, compiled.place);
  }
}

// call answers the result as JSON text. It is made where the script's own built-ins are.
async function call({ instance, place }, world, parts) {
  const method = parts.get('method') ?? 'process_incoming_request';
  const argument = argumentOf(method, world, parts);
  try {
    const value = await instance[method](argument);
    return world.stringify(value);
  } catch (error) {
    throw failure('run', error, place);
  }
}

// argumentOf is what a method is called with, as the server makes it.
function argumentOf(method, world, parts) {
  const read = world.parse;
  const argument = read(parts.get('argument.json') ?? '{"request":{"url_raw":"/hooks/a/b","headers":{"x-event":"push"}}}');
  const text = parts.get('content.json');
  const value = text === undefined ? undefined : read(text);
  const raw = parts.get('raw') ?? text;
  const put = (object, name, value) => value !== undefined && world.define(object, name, value, true);
  if (method === 'process_incoming_request') {
    put(argument.request, 'content', value);
    put(argument.request, 'content_raw', raw);
    put(argument.request, 'body', value);
    return argument;
  }
  if (argument.request?.data?.timestamp) {
    argument.request.data.timestamp = new world.Date(argument.request.data.timestamp);
  }
  if (method === 'process_outgoing_response') {
    if (typeof value === 'object' && value !== null && typeof value.toString === 'function') {
      world.define(value, 'toString', world.returning(raw), false);
    }
    put(argument.response, 'content', value);
    put(argument.response, 'content_raw', raw);
  }
  return argument;
}

function partsOf(outcome) {
  return written
    .filter((name) => name !== 'value.json' && outcome[name] || name === 'value.json' && outcome.value !== undefined)
    .map((name) => ({ name, text: lines(name === 'value.json' ? outcome.value : outcome[name]) }));
}

function lines(text) {
  return text === '' ? '' : text + '\n';
}

// Which functions lie between is each engine's own, so printed stacks are shortened to their heading.
function withoutFrames(text) {
  return text.replace(/\n {4}at .*/g, '');
}

function withoutPlace(outcome) {
  return { ...outcome, error: outcome.error?.replace(/ \(\d+:\d+\)$/, '') };
}
