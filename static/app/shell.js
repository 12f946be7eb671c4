// What is around every page: the name, the navigation, the menu of the account, and messages.
import { html, useEffect, useRef } from './preact.js';
import { endSession } from './session.js';
import { Icon } from './icons.js';
import { say, Toasts } from './toasts.js';
import { useOffline } from './offline.js';
import { errorText } from './ui.js';
import { formatTime, t } from './i18n.js';

const places = [['library', '/app/'], ['reading', '/app/reading'], ['add', '/app/add'], ['loans', '/app/loans'], ['shelves', '/app/shelves']];

export function Shell({ user, pathname, children }) {
  const main = useRef(null);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else main.current.focus({ preventScroll: true }); // a screen reader goes on at the new page
  }, [pathname]);
  return html`<a class="skip" href="#main" onClick=${(event) => { event.preventDefault(); main.current.focus(); }}>${t('skip')}</a>
    <header class="top">
      <a class="brand" href="/app/">Bookplate</a>
      <nav class="places" aria-label=${t('navigation')}>${places.map(([name, href]) => html`<a href=${href}
        aria-current=${isAt(pathname, href) ? 'page' : undefined}><${Icon} name=${name} /><span>${t(name)}</span></a>`)}</nav>
      <${AccountMenu} user=${user} pathname=${pathname} />
    </header>
    <${OfflineNote} />
    <main id="main" ref=${main} tabindex="-1">${children}</main>
    <${Toasts} />`;
}

// OfflineNote says that the page shows copies, and what waits to be sent.
function OfflineNote() {
  const { copyFrom, waiting } = useOffline();
  return html`<div role="status">${(copyFrom || waiting.length > 0) && html`<p class="offline">
    ${copyFrom && t('offline.copy', { time: formatTime(copyFrom) })} ${waiting.length > 0 && t('offline.waiting', { count: waiting.length })}</p>`}</div>`;
}

// isAt reports whether a page belongs to a place of the navigation. Books belong to the library.
function isAt(pathname, href) {
  if (href === '/app/') return pathname === '/app/' || pathname === '/app' || pathname.startsWith('/app/books/');
  return pathname.startsWith(href);
}

function AccountMenu({ user, pathname }) {
  const menu = useRef(null);
  const close = () => { menu.current.open = false; };
  useEffect(close, [pathname]);
  useEffect(() => {
    const onPress = (event) => { if (!menu.current.contains(event.target)) close(); };
    document.addEventListener('pointerdown', onPress);
    return () => document.removeEventListener('pointerdown', onPress);
  }, []);
  const onKeyDown = (event) => {
    if (event.key !== 'Escape' || !menu.current.open) return;
    close();
    menu.current.querySelector('summary').focus();
  };
  const logOut = () => endSession().catch((error) => say(errorText(error)));
  return html`<details class="menu" ref=${menu} onKeyDown=${onKeyDown}>
    <summary><span class="hidden">${t('account.of', { name: user.name })}</span><span aria-hidden="true">${initials(user.name)}</span></summary>
    <div>
      <p dir="auto"><b>${user.name}</b><br /><small>${user.email}</small></p>
      <a href="/app/import">${t('import')}</a>
      <a href="/app/duplicates">${t('duplicates')}</a>
      <a href="/app/trash">${t('trash')}</a>
      <a href="/app/settings">${t('settings')}</a>
      ${user.role === 'admin' && html`<a href="/app/administration">${t('administration')}</a>`}
      <a href="/docs/">${t('api')}</a>
      <button type="button" onClick=${logOut}>${t('log_out')}</button>
    </div>
  </details>`;
}

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 && words.at(-1)].filter(Boolean).map((word) => [...word][0]).join('').toUpperCase();
}
