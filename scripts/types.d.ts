// What a script of an integration finds and gets, and what it may return.
//
// Put a jsconfig.json beside your scripts and this file, and the editor completes and checks them:
//
//   { "compilerOptions": { "checkJs": true, "lib": ["es2023"], "types": [], "target": "es2022",
//       "module": "esnext", "moduleDetection": "force" },
//     "include": ["*.js", "integration-script.d.ts"] }
//
// Then say in a script what its methods get:
//
//   class Script {
//     /**
//      * @param {IncomingArgument} argument
//      * @returns {IncomingResult}
//      */
//     process_incoming_request({ request }) {
//       return { content: { text: request.content.title } };
//     }
//   }

// ---- The class ----------------------------------------------------------------------------------

/** What the server expects of `class Script`. It has no constructor arguments, and each method may be left out or be async. */
interface IntegrationScript {
  /** Turns a request to the hook of an incoming integration into a message. */
  process_incoming_request?(argument: IncomingArgument): IncomingResult | Promise<IncomingResult>;
  /** Shapes the call that an outgoing integration is about to make. */
  prepare_outgoing_request?(argument: OutgoingArgument): OutgoingResult | Promise<OutgoingResult>;
  /** Looks at what the receiver answered. */
  process_outgoing_response?(argument: ResponseArgument): ResponseResult | Promise<ResponseResult>;
}

/** The argument of `process_incoming_request`. */
interface IncomingArgument {
  request: IncomingRequest;
}

/** The argument of `prepare_outgoing_request`. */
interface OutgoingArgument {
  request: OutgoingRequest;
}

/** The argument of `process_outgoing_response`. */
interface ResponseArgument {
  /** The request as it was made, with whatever `prepare_outgoing_request` added to it. */
  request: OutgoingRequest;
  response: OutgoingResponse;
}

// ---- Incoming -----------------------------------------------------------------------------------

/** A request to the hook. */
interface IncomingRequest {
  /** The body, read as JSON or as a form. What is neither, or JSON but no object, is `{}`. */
  content: any;
  /** The same object as `content`. */
  body: any;
  /** The body as it came. */
  content_raw: string;
  /** Headers, their names in lower case. Of a header that came several times the values are joined by commas. */
  headers: { [name: string]: string };
  url: RequestURL;
  /** Path and query. */
  url_raw: string;
  url_params: { integrationId: string; token: string; userId?: string };
  /** Whom the integration posts as. */
  user: ScriptUser;
}

interface RequestURL {
  /** Always empty: nobody sends it. */
  hash: string;
  /** The query with its question mark, or nothing. */
  search: string;
  /** The parameters of the query. Of one that comes twice the first counts. */
  query: { [name: string]: string };
  pathname: string;
  /** Path and query. */
  path: string;
}

interface ScriptUser {
  _id: string;
  name: string;
  username: string;
}

/**
 * What `process_incoming_request` may return. Nothing, `true`, what is falsy and `{}` post nothing;
 * the caller is answered with success then.
 */
type IncomingResult = IncomingPost | { error: any } | {} | boolean | null | undefined | void;

/** A message to post. */
interface IncomingPost {
  content: MessageContent;
  /** Members that the hook's caller is answered beside `success`. */
  response?: { [name: string]: any };
  /** Posts as somebody else than the integration's own user. */
  user?: { _id: string } | { username: string };
  /** Answers the caller with status 400 and this, in place of posting. */
  error?: any;
}

// ---- Outgoing -----------------------------------------------------------------------------------

/** A call of an outgoing integration. */
interface OutgoingRequest {
  params: { [name: string]: any };
  method: string;
  url: string;
  /** The event. It is sent as JSON; a text is sent as it is. */
  data: EventData & { [name: string]: any };
  headers: { [name: string]: string };
  /** `user:password` */
  auth?: string;
  /** Milliseconds until the call is given up. */
  timeout?: number;
  /** Whatever the script adds is there again in `process_outgoing_response`. */
  [name: string]: any;
}

/** What an outgoing integration tells of a message. */
interface EventData {
  token?: string;
  /** False, or the integration that made the message. */
  bot: false | { i: string };
  trigger_word?: string;
  channel_id: string;
  channel_name?: string;
  message_id: string;
  /** A Date for the script, ISO text for the receiver. */
  timestamp: Date;
  user_id: string;
  user_name: string;
  text: string;
  siteUrl?: string;
  alias?: string;
  isEdited?: boolean;
  tmid?: string;
}

/** What `prepare_outgoing_request` may return: the call to make, a message to post, both, or nothing to make no call. */
type OutgoingResult = OutgoingCall | null | undefined | void;

interface OutgoingCall {
  /** Without url and method no call is made. */
  url?: string;
  method?: string;
  headers?: { [name: string]: string | number | boolean };
  data?: any;
  /** `user:password` */
  auth?: string;
  /** Milliseconds until the call is given up. */
  timeout?: number;
  /** Is posted before the call is made. */
  message?: MessageContent;
  [name: string]: any;
}

/** What the receiver answered. */
interface OutgoingResponse {
  error: any;
  status_code: number;
  /** Headers, their names in lower case. */
  headers: { [name: string]: string };
  /** The answer: parsed, where it is JSON and says so, and then usable as its text, too; else the text. */
  content: any;
  /** The answer as it came. */
  content_raw: string;
}

/** What `process_outgoing_response` may return: a message to post, `false` to do nothing more, nothing to go on as without a script. */
type ResponseResult = { content: MessageContent | string } | {} | boolean | null | undefined | void;

// ---- Messages -----------------------------------------------------------------------------------

/** A message. */
interface MessageContent {
  text?: string;
  /** Counts where there is no `text`. */
  msg?: string;
  /** `#room`, `@user`, or several of them; the integration has to permit it. */
  channel?: string | string[];
  roomId?: string | string[];
  /** Is shown in place of the author's name. */
  username?: string;
  alias?: string;
  /** URL of a picture. */
  icon_url?: string;
  avatar?: string;
  /** `:ghost:` */
  icon_emoji?: string;
  emoji?: string;
  attachments?: MessageAttachment[];
  /** Whether links in the text show a preview. By default they do where there are no attachments. */
  parseUrls?: boolean;
  groupable?: boolean;
  /** The message that starts the thread to post in. */
  tmid?: string;
  customFields?: { [name: string]: any };
  /** Posts to each room on its own, and answers what became of each. */
  separateResponse?: boolean;
  [name: string]: any;
}

/** A card below a message's text. */
interface MessageAttachment {
  color?: string;
  /** Stands above the card. */
  pretext?: string;
  text?: string;
  title?: string;
  title_link?: string;
  title_link_download?: boolean;
  author_name?: string;
  author_link?: string;
  author_icon?: string;
  fields?: { title: string; value: any; short?: boolean }[];
  image_url?: string;
  thumb_url?: string;
  audio_url?: string;
  video_url?: string;
  message_link?: string;
  collapsed?: boolean;
  ts?: string | number | Date;
  fallback?: string;
  mrkdwn_in?: string[];
  [name: string]: any;
}

// ---- Console and state --------------------------------------------------------------------------

/** What it prints is kept with the integration's latest run, see `integrations.lastRun`. */
declare const console: {
  log(...values: any[]): void;
  info(...values: any[]): void;
  warn(...values: any[]): void;
  error(...values: any[]): void;
  debug(...values: any[]): void;
  /** Prints the call's place behind the values. */
  trace(...values: any[]): void;
  /** Prints only where the condition does not hold. */
  assert(condition?: any, ...values: any[]): void;
  dir(value?: any, options?: { depth?: number | null }): void;
  dirxml(...values: any[]): void;
  table(data?: any, columns?: string[]): void;
  group(...values: any[]): void;
  groupCollapsed(...values: any[]): void;
  groupEnd(): void;
  count(label?: string): void;
  countReset(label?: string): void;
  time(label?: string): void;
  timeLog(label?: string, ...values: any[]): void;
  timeEnd(label?: string): void;
};

/**
 * Keeps values from call to call and across restarts, until the integration is saved. A value is kept as its JSON
 * text; one that has none, such as a function, stays in this process only. Keys and texts have 256 KB of room.
 */
declare const Store: {
  /** What is kept under the key, or undefined. What you change in an object that you got is kept, too. */
  get(key: string): any;
  /** Returns the value. undefined removes the key. Throws a RangeError where there is no room. */
  set<T>(key: string, value: T): T;
};

/** The global object, by Node's name. */
declare const global: typeof globalThis;

// ---- Calls out ----------------------------------------------------------------------------------

/** What `HTTP` takes. */
interface HTTPOptions {
  headers?: { [name: string]: any };
  /** Added to the query, or sent as a form where there is no other body and the method takes one. */
  params?: { [name: string]: any };
  /** Takes the place of the URL's query. */
  query?: string;
  /** Sent as JSON. */
  data?: any;
  /** Sent as it is. */
  content?: string | Uint8Array;
  /** `user:password` */
  auth?: string;
  /** Milliseconds. */
  timeout?: number;
  followRedirects?: boolean;
  /** Of these only timeout and followRedirect have an effect. */
  npmRequestOptions?: { timeout?: number; followRedirect?: boolean; [name: string]: any };
}

/** What `HTTP` returns. It throws nothing. A status of 400 and above is an error, with the result in `error.response`. */
interface HTTPOutcome {
  result?: HTTPResult;
  error?: Error & { code?: string; response?: HTTPResult };
}

interface HTTPResult {
  statusCode: number;
  headers: { [name: string]: string };
  /** The answer's text. */
  content: string;
  /** The answer parsed, where it is JSON and says so; else null. */
  data: any;
}

/** Makes a call and waits for its answer. */
declare function HTTP(method: string, url: string, options?: HTTPOptions): HTTPOutcome;

interface RequestOptions {
  method?: string;
  headers?: HeadersSource;
  body?: BodySource | null;
  /** `manual` answers the redirect itself, `error` fails at one. */
  redirect?: 'follow' | 'error' | 'manual';
  signal?: AbortSignal | null;
  /** Milliseconds; an addition of node-fetch's. */
  timeout?: number;
}

type HeadersSource = Headers | { [name: string]: any } | Iterable<[string, string]>;
type BodySource = string | URLSearchParams | Uint8Array | ArrayBuffer | DataView;

/** Makes a call. The promise is rejected where there is no answer; any status is an answer. */
declare function fetch(input: string | URL | Request, options?: RequestOptions): Promise<Response>;

/** The same as `fetch`, by Rocket.Chat's name. */
declare function serverFetch(input: string | URL | Request, options?: RequestOptions): Promise<Response>;

declare class Headers implements Iterable<[string, string]> {
  constructor(from?: HeadersSource);
  append(name: string, value: string): void;
  set(name: string, value: string): void;
  delete(name: string): void;
  get(name: string): string | null;
  has(name: string): boolean;
  getSetCookie(): string[];
  /** Every value in a list; an addition of node-fetch's. */
  raw(): { [name: string]: string[] };
  forEach(each: (value: string, name: string, headers: Headers) => void): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

declare class Request {
  constructor(input: string | URL | Request, options?: RequestOptions);
  readonly method: string;
  readonly url: string;
  readonly redirect: string;
  readonly headers: Headers;
  readonly signal: AbortSignal;
  readonly bodyUsed: boolean;
  clone(): Request;
  text(): Promise<string>;
  json(): Promise<any>;
  arrayBuffer(): Promise<ArrayBuffer>;
  bytes(): Promise<Uint8Array>;
  /** An addition of node-fetch's. */
  buffer(): Promise<Buffer>;
}

declare class Response {
  constructor(body?: BodySource | null, options?: { status?: number; statusText?: string; headers?: HeadersSource });
  readonly status: number;
  readonly statusText: string;
  /** Whether the status is one of 200 to 299. */
  readonly ok: boolean;
  readonly redirected: boolean;
  readonly type: string;
  readonly url: string;
  readonly headers: Headers;
  readonly bodyUsed: boolean;
  clone(): Response;
  text(): Promise<string>;
  json(): Promise<any>;
  arrayBuffer(): Promise<ArrayBuffer>;
  bytes(): Promise<Uint8Array>;
  /** An addition of node-fetch's. */
  buffer(): Promise<Buffer>;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: any): void;
}

declare class AbortSignal {
  private constructor();
  static abort(reason?: any): AbortSignal;
  static timeout(milliseconds: number): AbortSignal;
  static any(signals: Iterable<AbortSignal>): AbortSignal;
  readonly aborted: boolean;
  readonly reason: any;
  throwIfAborted(): void;
  onabort: ((event: any) => void) | null;
  addEventListener(type: 'abort', listener: (event: any) => void, options?: any): void;
  removeEventListener(type: 'abort', listener: (event: any) => void): void;
}

declare class DOMException extends Error {
  constructor(message?: string, name?: string);
  readonly code: number;
}

// ---- Time ---------------------------------------------------------------------------------------

/** Calls f later. A method's run ends when its result is there, whatever timers still wait. */
declare function setTimeout<A extends any[]>(f: (...values: A) => void, milliseconds?: number, ...values: A): any;
declare function setInterval<A extends any[]>(f: (...values: A) => void, milliseconds?: number, ...values: A): any;
declare function setImmediate<A extends any[]>(f: (...values: A) => void, ...values: A): any;
declare function clearTimeout(timer: any): void;
declare function clearInterval(timer: any): void;
declare function clearImmediate(timer: any): void;
declare function queueMicrotask(f: () => void): void;

// ---- URLs, text and bytes -----------------------------------------------------------------------

declare class URL {
  constructor(url: string | URL, base?: string | URL);
  static canParse(url: string | URL, base?: string | URL): boolean;
  href: string;
  readonly origin: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  hash: string;
  readonly searchParams: URLSearchParams;
  toString(): string;
  toJSON(): string;
}

declare class URLSearchParams implements Iterable<[string, string]> {
  constructor(from?: string | { [name: string]: any } | Iterable<[string, string]> | URLSearchParams);
  readonly size: number;
  append(name: string, value: any): void;
  set(name: string, value: any): void;
  delete(name: string, value?: any): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: any): boolean;
  sort(): void;
  toString(): string;
  forEach(each: (value: string, name: string, params: URLSearchParams) => void): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

/** Base64 of a text whose characters are bytes. */
declare function btoa(text: any): string;
declare function atob(base64: any): string;

declare class TextEncoder {
  readonly encoding: 'utf-8';
  encode(text?: string): Uint8Array;
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(encoding?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(bytes?: Uint8Array | ArrayBuffer | DataView, options?: { stream?: boolean }): string;
}

type BufferEncoding = 'utf8' | 'utf-8' | 'hex' | 'base64' | 'base64url' | 'latin1' | 'binary' | 'ascii' | 'utf16le' | 'ucs2';

declare class Buffer extends Uint8Array {
  private constructor();
  /** Of a text and its encoding, or of bytes, an ArrayBuffer's with offset and length. */
  static from(value: any, encodingOrOffset?: any, length?: any): Buffer;
  static alloc(size: number, fill?: any, encoding?: BufferEncoding): Buffer;
  static allocUnsafe(size: number): Buffer;
  static byteLength(value: string | Uint8Array | ArrayBuffer, encoding?: BufferEncoding): number;
  static isBuffer(value: any): value is Buffer;
  static isEncoding(name: any): boolean;
  static compare(a: Uint8Array, b: Uint8Array): number;
  static concat(list: Uint8Array[], length?: number): Buffer;
  toString(encoding?: BufferEncoding, start?: number, end?: number): string;
  toJSON(): { type: 'Buffer'; data: number[] };
  equals(other: Uint8Array): boolean;
  compare(other: Uint8Array): number;
  write(text: string, offset?: number, length?: number, encoding?: BufferEncoding): number;
  slice(start?: number, end?: number): any;
  subarray(start?: number, end?: number): any;
}

/** Makes a deep copy. */
declare function structuredClone<T>(value: T, options?: { transfer?: any[] }): T;

// ---- Digests ------------------------------------------------------------------------------------

/** Enough to check the signature of a webhook: Node's functions, and the Web's `subtle` for digests and HMAC. */
declare const crypto: {
  createHash(algorithm: string): ScriptHash & { copy(): ScriptHash };
  createHmac(algorithm: string, key: string | Uint8Array): ScriptHash;
  /** Compares in a time that says nothing of where the two differ. Both have to be of the same length. */
  timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
  randomUUID(): string;
  randomBytes(size: number): Buffer;
  getRandomValues<T extends Uint8Array>(into: T): T;
  getHashes(): string[];
  readonly subtle: {
    digest(algorithm: string | { name: string }, data: Uint8Array | ArrayBuffer): Promise<ArrayBuffer>;
    importKey(format: 'raw', key: Uint8Array | ArrayBuffer, algorithm: { name: 'HMAC'; hash: string | { name: string } }, extractable: boolean, uses: string[]): Promise<any>;
    exportKey(format: 'raw', key: any): Promise<ArrayBuffer>;
    sign(algorithm: string | { name: string }, key: any, data: Uint8Array | ArrayBuffer): Promise<ArrayBuffer>;
    verify(algorithm: string | { name: string }, key: any, signature: Uint8Array | ArrayBuffer, data: Uint8Array | ArrayBuffer): Promise<boolean>;
  };
};

interface ScriptHash {
  update(data: string | Uint8Array, encoding?: BufferEncoding): this;
  digest(): Buffer;
  digest(encoding: BufferEncoding): string;
}

// ---- Libraries ----------------------------------------------------------------------------------

/** lodash */
declare const _: any;

/** moment */
declare const moment: any;

/** The functions of underscore.string that Rocket.Chat's scripts have. */
declare const s: {
  truncate(text: any, length: number, end?: string): string;
  trim(text: any, characters?: string | RegExp): string;
  ltrim(text: any, characters?: string | RegExp): string;
  rtrim(text: any, characters?: string | RegExp): string;
  capitalize(text: any, lowerRest?: boolean): string;
  stripTags(text: any): string;
  strLeft(text: any, separator: any): string;
  strRight(text: any, separator: any): string;
  strRightBack(text: any, separator: any): string;
  numberFormat(number: any, decimals?: number, decimalSeparator?: string, thousandsSeparator?: string): string;
  /** Fills up on the right unless the side is named. */
  pad(text: any, length: number, fill?: string, side?: 'left' | 'right' | 'both'): string;
  lrpad(text: any, length: number, fill?: string): string;
};
