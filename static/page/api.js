// A client of the API. The token is kept in sessionStorage, so it is deleted when the tab is closed.

const tokenKey = 'bookplate.token';

export const session = {
  get open() { return sessionStorage.getItem(tokenKey) !== null; },
  start(token) { sessionStorage.setItem(tokenKey, token); },
  end() { sessionStorage.removeItem(tokenKey); },
};

// APIError is an answer with an error status, or no answer at all. fields maps the invalid fields to the reasons.
export class APIError extends Error {
  constructor(status, { message, error }) {
    super(isSentence(error) ? `${message} (${error})` : message);
    this.status = status;
    this.fields = error instanceof Object ? error : {};
  }
}

// isSentence reports whether an error is a reason, not only the name of a status such as Bad Request.
function isSentence(error) {
  return typeof error === 'string' && error.split(' ').length > 3;
}

const unreachable = 'The server does not answer. Try again later.';

// call sends a request. It resolves to the answer's message and data, and the path of the next page or null.
export async function call(method, path, body) {
  const headers = authorization();
  if (body) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, { method, headers, body });
  } catch {
    throw new APIError(0, { message: unreachable });
  }
  return unwrap(response);
}

// upload posts a form and resolves as call does. It calls onProgress with the share of the body that was sent, from 0 to 1.
// It uses XMLHttpRequest because fetch does not report progress.
export async function upload(path, form, onProgress) {
  const request = new XMLHttpRequest();
  request.open('POST', path);
  for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
  request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(loaded / total));
  await new Promise((resolve, reject) => {
    request.addEventListener('load', resolve);
    request.addEventListener('error', () => reject(new APIError(0, { message: unreachable })));
    request.send(form);
  });
  return unwrap(new Response(request.response, { status: request.status }));
}

function authorization() {
  return session.open ? { Authorization: `Bearer ${sessionStorage.getItem(tokenKey)}` } : {};
}

// unwrap returns the content of an answer's envelope, and throws an APIError for an error status.
async function unwrap(response) {
  const envelope = response.status === 204 ? { message: '', data: null } : await read(response);
  if (!response.ok) throw new APIError(response.status, envelope);
  return { message: envelope.message, data: envelope.data, next: nextPage(response.headers.get('Link')) };
}

// read parses an answer. It throws an APIError if the answer is not JSON, such as a proxy's error page.
async function read(response) {
  try {
    return await response.json();
  } catch {
    throw new APIError(response.status, { message: `The server answered ${response.status}.` });
  }
}

function nextPage(link) {
  const target = /<([^>]+)>\s*;\s*rel="?next/.exec(link ?? '');
  if (!target) return null;
  const { pathname, search } = new URL(target[1], location.href);
  return pathname + search;
}
