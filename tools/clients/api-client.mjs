// Calls a server through @rocket.chat/api-client, the client that Rocket.Chat's own front ends use:
// node api-client.mjs URL PASSWORD. It ends with an error where an answer is not what that client's
// users get from Rocket.Chat.
import assert from 'node:assert/strict';
import { RestClient } from '@rocket.chat/api-client';

const [baseUrl, password] = process.argv.slice(2);
const client = new RestClient({ baseUrl });

/** What a refused call answers; the client rejects with the response. */
async function refusal(call) {
  const response = await call.then(() => assert.fail('the call was not refused'), (error) => error);
  assert.ok(response instanceof Response, `no response but ${response}`);
  return { ...(await response.json()), status: response.status };
}

// Who is not logged in.
assert.equal((await refusal(client.get('/v1/me'))).status, 401);
assert.equal((await refusal(client.post('/v1/login', { user: 'admin', password: 'wrong' }))).status, 401);

const login = await client.post('/v1/login', { user: 'admin', password });
assert.equal(login.status, 'success');
client.setCredentials({ 'X-User-Id': login.data.userId, 'X-Auth-Token': login.data.authToken });
const me = await client.get('/v1/me');
assert.equal(me.username, 'admin');
assert.deepEqual(me.roles, ['admin', 'bot']);

// Rooms and messages.
const { channel } = await client.post('/v1/channels.create', { name: 'builds', members: ['rocket.cat'] });
assert.equal(channel.t, 'c');
const { members } = await client.get('/v1/channels.members', { roomId: channel._id, count: 10 });
assert.deepEqual(members.map((m) => m.username), ['admin', 'rocket.cat']);
const posted = await client.post('/v1/chat.postMessage', { channel: '#builds', text: 'build 7', alias: 'ci', emoji: ':hammer:' });
assert.equal(posted.message.rid, channel._id);
const reply = await client.post('/v1/chat.sendMessage', { message: { rid: channel._id, msg: 'why?', tmid: posted.message._id } });
assert.equal(reply.message.tmid, posted.message._id);
const read = await client.get('/v1/channels.messages', { roomId: channel._id, sort: JSON.stringify({ ts: 1 }) });
assert.deepEqual(read.messages.filter((m) => !m.t).map((m) => m.msg), ['build 7', 'why?']);

// A file, as a form of two parts.
const file = new File(['all tests passed\n'], 'report.txt', { type: 'text/plain' });
const form = new FormData();
form.append('file', file);
const media = await client.post(`/v1/rooms.media/${channel._id}`, form);
const shown = await client.post(`/v1/rooms.mediaConfirm/${channel._id}/${media.file._id}`, { msg: 'the report' });
assert.equal(shown.message.file.name, 'report.txt');
const path = shown.message.attachments[0].title_link;
const download = await fetch(new URL(path, baseUrl), { headers: client.getCredentialsAsHeaders() });
assert.equal(await download.text(), 'all tests passed\n');

// An integration from its making to its end.
const fields = { type: 'webhook-incoming', name: 'ci', enabled: true, username: 'rocket.cat', channel: '#builds', scriptEnabled: false };
const missing = await refusal(client.post('/v1/integrations.create', { ...fields, username: 'nobody' }));
assert.equal(missing.status, 400);
assert.equal(missing.error, 'Invalid user [error-invalid-user]');
const { integration } = await client.post('/v1/integrations.create', fields);
assert.deepEqual(integration.channel, ['#builds']);
const hook = `${baseUrl}/hooks/${integration._id}/${integration.token}`;
const called = await fetch(hook, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"text":"from a hook"}' });
assert.deepEqual(await called.json(), { success: true });
const script = 'class Script { process_incoming_request({ request }) { return { content: { text: request.content.n + 1 + "" } }; } }';
await client.put('/v1/integrations.update', { ...fields, integrationId: integration._id, scriptEnabled: true, script });
await fetch(hook, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"n":41}' });
const latest = await client.get('/v1/channels.messages', { roomId: channel._id, count: 1 });
assert.equal(latest.messages[0].msg, '42');
assert.deepEqual(latest.messages[0].bot, { i: integration._id });
const list = await client.get('/v1/integrations.list', { count: 5, offset: 0 });
assert.deepEqual(list.integrations.map((i) => i._id), [integration._id]);
assert.equal((await client.get('/v1/integrations.get', { integrationId: integration._id })).integration.name, 'ci');
await client.post('/v1/integrations.remove', { type: 'webhook-incoming', integrationId: integration._id });
assert.equal((await client.get('/v1/integrations.list')).total, 0);

await client.post('/v1/logout');
assert.equal((await refusal(client.get('/v1/me'))).status, 401);
