// The API as the page uses it. The token stays in this tab and is forgotten with it.

const tokenKey = 'bookplate.token';

export const session = {
  get open() { return sessionStorage.getItem(tokenKey) !== null; },
  start(token) { sessionStorage.setItem(tokenKey, token); },
  end() { sessionStorage.removeItem(tokenKey); },
};

// Refusal is an answer that is no success. Its fields name the invalid fields of the request, if it was about them.
export class Refusal extends Error {
  constructor(status, { message, error }) {
    super(isSentence(error) ? `${message} (${error})` : message);
    this.status = status;
    this.fields = error instanceof Object ? error : {};
  }
}

// isSentence tells a reason from the mere name of a status, such as Bad Request.
function isSentence(error) {
  return typeof error === 'string' && error.split(' ').length > 3;
}

const unreachable = 'The server does not answer. Try again later.';

// call sends a request and resolves to the answer's message and data and the address of the next page, if there is one.
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
    throw new Refusal(0, { message: unreachable });
  }
  return unwrap(response);
}

// upload posts a form, resolves as call does, and tells how much of it is on its way, from 0 to 1, which fetch cannot.
export async function upload(path, form, tell) {
  const request = new XMLHttpRequest();
  request.open('POST', path);
  for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
  request.upload.addEventListener('progress', ({ loaded, total }) => tell(loaded / total));
  await new Promise((resolve, reject) => {
    request.addEventListener('load', resolve);
    request.addEventListener('error', () => reject(new Refusal(0, { message: unreachable })));
    request.send(form);
  });
  return unwrap(new Response(request.response, { status: request.status }));
}

function authorization() {
  return session.open ? { Authorization: `Bearer ${sessionStorage.getItem(tokenKey)}` } : {};
}

// unwrap takes an answer out of its envelope.
async function unwrap(response) {
  const envelope = response.status === 204 ? { message: '', data: null } : await read(response);
  if (!response.ok) throw new Refusal(response.status, envelope);
  return { message: envelope.message, data: envelope.data, next: nextPage(response.headers.get('Link')) };
}

// read tells an answer of the API from one of something on the way, such as a proxy's error page.
async function read(response) {
  try {
    return await response.json();
  } catch {
    throw new Refusal(response.status, { message: `The server answered ${response.status}.` });
  }
}

function nextPage(link) {
  const target = /<([^>]+)>\s*;\s*rel="?next/.exec(link ?? '');
  if (!target) return null;
  const { pathname, search } = new URL(target[1], location.href);
  return pathname + search;
}
