// What the app does while the server is out of reach. The service worker keeps copies of what was read. What is written waits here,
// and is sent when the server answers again.
import { newKey, onAnswer, request } from './api.js';
import { forgetBooks } from './booklist.js';
import { createStore } from './store.js';
import { say } from './toasts.js';
import { errorText } from './ui.js';
import { t } from './i18n.js';

const retryAfter = 20_000; // milliseconds
const storageName = 'bookplate_waiting';

// waiting are the changes that wait, oldest first: { user, method, path, body, key, about }. copyFrom is the time of the copy that
// is shown, or null while the server answers.
const { get, change, use: useOffline } = createStore({ waiting: restore(), copyFrom: null });
export { useOffline };

function restore() {
  try {
    return JSON.parse(localStorage.getItem(storageName)) ?? [];
  } catch {
    return []; // the storage is forbidden, or not ours
  }
}

function store(waiting) {
  change({ waiting });
  try {
    if (waiting.length > 0) localStorage.setItem(storageName, JSON.stringify(waiting));
    else localStorage.removeItem(storageName);
  } catch {
    // The storage is forbidden or full: the changes wait as long as this page is open.
  }
}

let account = null;

// startOffline begins to send what waits for an account, now and whenever the server may be back.
export function startOffline(user) {
  if (account === null) {
    window.addEventListener('online', sendWaiting);
    setInterval(() => { if (get().waiting.length > 0 || get().copyFrom) sendWaiting(); }, retryAfter);
    onAnswer((copyFrom) => {
      const back = get().copyFrom !== null && copyFrom === null;
      if (copyFrom !== get().copyFrom) change({ copyFrom });
      if (back) sendWaiting();
    });
  }
  account = user._id;
  sendWaiting();
}

// sendOrWait sends a request. If the server is out of reach, the request waits, and the result is { waits: true }. about says what
// it is about, for messages. With a key, the server does a repeated request only once.
export async function sendOrWait(method, path, body, about) {
  const entry = { user: account, method, path, body, about, key: newKey() };
  try {
    return await request(method, path, { body, key: entry.key });
  } catch (error) {
    if (error.code !== 'unreachable') throw error;
    store([...get().waiting, entry]);
    return { waits: true };
  }
}

// waitingFor returns the bodies of a person's requests that wait for a path, oldest first.
export const waitingFor = (user, path) => get().waiting.filter((entry) => entry.user === user._id && entry.path === path).map(({ body }) => body);

let sending = false;

// sendWaiting sends what waits for the account, in order, until the server is out of reach. What it cannot do now waits on.
async function sendWaiting() {
  if (sending) return;
  sending = true;
  let sent = 0;
  const news = [];
  try {
    for (const entry of get().waiting.filter(({ user }) => user === account)) {
      try {
        await request(entry.method, entry.path, { body: entry.body, key: entry.key, quiet: true });
        sent++;
      } catch (error) {
        if (error.code === 'unreachable' || [401, 429].includes(error.status)) break;
        if (error.status >= 500) continue;
        news.push(t('offline.rejected', { about: entry.about, reason: errorText(error) }));
      }
      store(get().waiting.filter((other) => other.key !== entry.key));
    }
  } finally {
    sending = false;
  }
  if (sent > 0) {
    forgetBooks();
    news.push(t('offline.sent', { count: sent }));
  }
  if (news.length > 0) say(news.join(' '));
}

// forgetEverything deletes the copies and what waits. Call it when a person logs out.
export async function forgetEverything() {
  store([]);
  await forgetCopies();
}

// forgetCopies deletes the copies of what the server has answered. Call it when another person may use the browser.
export async function forgetCopies() {
  change({ copyFrom: null });
  try {
    await Promise.all(['data', 'pictures'].map((name) => caches.delete(name)));
  } catch {
    // Without the right to store anything, there are no copies. The browser has no caches on a page without TLS.
  }
}

// startWorker installs the service worker. When there is a new version of the app, it is offered; the page goes on until then.
export async function startWorker() {
  let registration;
  try {
    registration = await navigator.serviceWorker.register('/sw.js', { scope: '/app/', updateViaCache: 'none' });
  } catch {
    return; // the browser has no service workers, or forbids them: the app works without
  }
  const offer = () => {
    if (!registration.waiting || !navigator.serviceWorker.controller) return;
    say(t('version.new'), { label: t('version.load'), run: () => registration.waiting.postMessage('activate') });
  };
  offer();
  registration.addEventListener('updatefound', () => {
    registration.installing.addEventListener('statechange', ({ target }) => { if (target.state === 'installed') offer(); });
  });
  let controlled = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (controlled) location.reload();
    controlled = true;
  });
}
