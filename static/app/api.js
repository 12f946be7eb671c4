// A client of the Bookplate API for pages of the same server. It depends on nothing: copy it into a page of your own.
//
//   const { data: books, next } = await get('/books/', { q: 'sea', limit: 24 });
//   await patch(`/books/${id}`, { title: 'Emma' }, { etag });
//
// The tokens are in cookies that no script can read. When the access token has expired, the client renews it and sends the
// request again. When the session is over, it calls the function that onSignedOut has set, and then tries once more.

// ApiError is an answer with an error status, or no answer at all (status 0). code is stable, see ErrorCode in the OpenAPI
// document. fields maps the invalid fields to the reasons. data is what the answer has besides, such as the current book of a 412.
export class ApiError extends Error {
  constructor(status, { message, code, error, data }, headers) {
    super(isSentence(error) ? `${message}: ${error}` : message);
    this.status = status;
    this.code = code ?? (status === 0 ? 'unreachable' : `status_${status}`);
    this.fields = error instanceof Object ? error : {};
    this.data = data;
    this.etag = headers?.get('ETag') ?? null;
    this.retryAfter = Number(headers?.get('Retry-After')) || null; // seconds
  }
}

// isSentence reports whether an error is a reason, not only the name of a status such as Bad Request.
const isSentence = (error) => typeof error === 'string' && error.split(' ').length > 3;

// Each function resolves to { data, message, etag, next, total }: the answer's content, its ETag, the path of the next page
// of a list or null, and the length of the whole list if the request has count=true.
export const get = (path, query, options) => request('GET', path + queryString(query), options);
export const post = (path, body, options) => request('POST', path, { ...options, body });
export const put = (path, body, options) => request('PUT', path, { ...options, body });
export const patch = (path, body, options) => request('PATCH', path, { ...options, body });
export const remove = (path, options) => request('DELETE', path, options);

// logIn starts a session. It resolves to the account.
export async function logIn(email, password) {
  const { data } = await send('POST', '/users/login', { body: { email, password, cookie: 'only' } });
  return data;
}

let askToLogIn = null;

// onSignedOut sets a function that asks the person to log in again. It returns a promise that resolves when they have.
export function onSignedOut(ask) {
  askToLogIn = ask;
}

// queryString returns a query with its question mark. It leaves out what is null, undefined or empty; a list is repeated.
export function queryString(query = {}) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) {
      if (one !== null && one !== undefined && one !== '') search.append(name, one);
    }
  }
  const text = search.toString();
  return text && `?${text}`;
}

// localPath returns the path of a URL in an answer. The server may know itself by another name than this page does.
export function localPath(url) {
  const { pathname, search } = new URL(url, location.href);
  return pathname + search;
}

// newKey returns a new Idempotency-Key. A request with the option key is done only once, however often it is sent.
export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

let answered = () => {};

// onAnswer sets a function that is called for each answer, with null. If the answer is a copy of the service worker, because the
// server is out of reach, it is called with the time of the copy.
export function onAnswer(call) {
  answered = call;
}

// request sends a request of a signed-in person. With quiet, it does not ask them to log in.
export async function request(method, path, options = {}) {
  try {
    return await send(method, path, options);
  } catch (error) {
    if (error.status !== 401) throw error;
    if (!await renew() && (options.quiet || !askToLogIn || !await askToLogIn())) throw error;
    return send(method, path, options);
  }
}

let renewal = null; // while it runs; requests that fail at the same time wait for the same one

// renew gets new tokens. It resolves to false if the session is over.
function renew() {
  renewal ??= send('POST', '/auth/refresh', { body: { cookie: 'only' } })
    .then(() => true, (error) => {
      if (error.status === 401) return false;
      throw error;
    })
    .finally(() => { renewal = null; });
  return renewal;
}

// send sends a request once. The body is an object, which is sent as JSON, or a FormData. etag is sent as If-Match, and key as
// Idempotency-Key.
async function send(method, path, { body, etag, key, signal } = {}) {
  const headers = { Accept: 'application/json' };
  if (etag) headers['If-Match'] = etag;
  if (key) headers['Idempotency-Key'] = key;
  if (body && !(body instanceof FormData)) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, { method, headers, body, signal });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, { message: 'The server does not answer' });
  }
  return unwrap(response);
}

async function unwrap(response) {
  answered(response.headers.get('Bookplate-Offline-Copy'));
  const envelope = response.status === 204 ? { data: null } : await readJSON(response);
  if (!response.ok) throw new ApiError(response.status, envelope, response.headers);
  return {
    data: envelope.data,
    message: envelope.message,
    etag: response.headers.get('ETag'),
    next: nextPage(response.headers.get('Link')),
    total: Number(response.headers.get('X-Total-Count') ?? NaN),
  };
}

// readJSON reads an answer. One that is not JSON, such as a proxy's error page, or that is cut off, is an error.
async function readJSON(response) {
  try {
    return await response.json();
  } catch {
    const status = response.ok ? 0 : response.status;
    throw new ApiError(status, { message: `The server answered ${response.status}` }, response.headers);
  }
}

function nextPage(link) {
  const target = /<([^>]+)>\s*;\s*rel="?next/.exec(link ?? '');
  return target && localPath(target[1]);
}
