// The service worker of the web app. It keeps the app, and what a person has seen in it, for when the server is out of reach. The
// server is always asked first for a page and for data, so an old worker never shows an old app while the server answers.
//
// The server puts one line before this file: const shell = { version, files }, with the app's version and its files.

const shellCache = `shell-${shell.version}`;
const dataCache = 'data'; // answers of the API
const pictureCache = 'pictures';
const most = { [dataCache]: 500, [pictureCache]: 2_000 }; // entries; the oldest ones are dropped
const page = '/app/'; // it is the same at every address of the app

// readable matches the paths of the API whose answers are kept. Exports, events and what only administrators see are not.
const readable = /^\/(users\/?$|books(\/|$)|shelves|reading|loans|stats|trash)/;

self.addEventListener('install', (event) => event.waitUntil(keepShell()));

self.addEventListener('activate', (event) => event.waitUntil(dropOldShells()));

// The page sends this when the person accepts a new version.
self.addEventListener('message', ({ data }) => { if (data === 'activate') self.skipWaiting(); });

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(openPage(request));
  else if (pathname.startsWith('/static/app/')) event.respondWith(fromCache(event, shellCache, false));
  else if (pathname.startsWith('/static/')) event.respondWith(fromCache(event, pictureCache, true));
  else if (readable.test(pathname)) event.respondWith(read(event));
});

async function keepShell() {
  const cache = await caches.open(shellCache);
  await cache.addAll([page, ...shell.files]);
}

async function dropOldShells() {
  for (const name of await caches.keys()) {
    if (name.startsWith('shell-') && name !== shellCache) await caches.delete(name);
  }
  await self.clients.claim(); // also the page that has just installed the first worker
}

// isAway reports whether an answer is of a proxy whose server is gone.
const isAway = ({ status }) => status === 502 || status === 504;

async function openPage(request) {
  let answer = null;
  try {
    answer = await fetch(request);
    if (!isAway(answer)) return answer;
  } catch {
    // The server is out of reach.
  }
  const kept = await caches.match(page, { cacheName: shellCache });
  return kept ?? answer ?? Response.error();
}

// fromCache answers with what is kept at an address whose content never changes.
async function fromCache(event, name, keepNew) {
  const kept = await caches.match(event.request, { cacheName: name, ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(event.request);
  if (keepNew && answer.status === 200) event.waitUntil(keep(name, event.request, answer.clone()));
  return answer;
}

// read asks the server. If it is out of reach, the answer is what it said the last time, with a header that says when.
async function read(event) {
  const { request } = event;
  let answer = null;
  try {
    answer = await fetch(request);
    if (!isAway(answer)) {
      if (answer.status === 200) event.waitUntil(keep(dataCache, request, answer.clone()));
      return answer;
    }
  } catch (error) {
    if (request.signal.aborted) throw error;
  }
  const kept = await caches.match(request, { cacheName: dataCache, ignoreVary: true });
  if (!kept) return answer ?? Response.error();
  const headers = new Headers(kept.headers);
  headers.set('Bookplate-Offline-Copy', kept.headers.get('Date') ?? '');
  return new Response(kept.body, { status: kept.status, headers });
}

async function keep(name, request, answer) {
  try {
    const cache = await caches.open(name);
    await cache.delete(request, { ignoreVary: true }); // so that it becomes the newest entry
    await cache.put(request, answer);
    const kept = await cache.keys();
    for (const old of kept.slice(0, Math.max(kept.length - most[name], 0))) await cache.delete(old);
  } catch {
    // The browser's storage is full or forbidden: then there is no copy.
  }
}
