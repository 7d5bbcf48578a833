// Makes one call for somebody who waits: the request on standard input, the answer on standard output.
import { text } from 'node:stream/consumers';

const { port, n, method, url, headers, body } = JSON.parse(await text(process.stdin));
const asked = new URL(url);
try {
  const response = await fetch(`http://127.0.0.1:${port}${asked.pathname}${asked.search}`, {
    method, body, headers: { ...headers, 'x-asked-of': asked.origin, 'x-asked-as': n },
  });
  const answer = { status: response.status, headers: Object.fromEntries(response.headers), content: await response.text() };
  process.stdout.write(JSON.stringify(answer));
} catch (error) {
  process.stdout.write(JSON.stringify({ failed: error.cause?.code ?? error.message }));
}
