// The web app of Bookplate: it finds out who is signed in, and shows the page of the address.
import { html, render, useEffect, useState } from './preact.js';
import { startRouter, useAddress } from './router.js';
import { findSession, useSession } from './session.js';
import { startOffline, startWorker } from './offline.js';
import { Entry, LogInAgain } from './entry.js';
import { Shell } from './shell.js';
import { Failure, usePage } from './ui.js';
import { t } from './i18n.js';
import { Library } from './library.js';
import { BookPage } from './book.js';

// The pages by their addresses. A part in parentheses is given to the page as item. The library and a book are there from the
// start. The others are loaded when they are first opened.
const pages = [
  [/^\/app\/?$/, Library],
  [/^\/app\/books\/([^/]+)\/?$/, BookPage],
  [/^\/app\/add\/?$/, later(() => import('./add.js'), 'Add')],
  [/^\/app\/reading\/?$/, later(() => import('./reading.js'), 'Reading')],
  [/^\/app\/loans\/?$/, later(() => import('./loans.js'), 'Loans')],
  [/^\/app\/shelves\/?$/, later(() => import('./shelves.js'), 'Shelves')],
  [/^\/app\/shelves\/([^/]+)\/?$/, later(() => import('./shelves.js'), 'Shelf')],
  [/^\/app\/import\/?$/, later(() => import('./import.js'), 'Import')],
  [/^\/app\/import\/([^/]+)\/?$/, later(() => import('./import.js'), 'ImportJob')],
  [/^\/app\/duplicates\/?$/, later(() => import('./duplicates.js'), 'Duplicates')],
  [/^\/app\/trash\/?$/, later(() => import('./trash.js'), 'Trash')],
  [/^\/app\/settings\/?$/, later(() => import('./settings.js'), 'Settings')],
  [/^\/app\/administration\/?$/, later(() => import('./administration.js'), 'Administration')],
];

// The page that later returns loads its module before it is shown. If the server was updated, the module no longer
// exists, and reloading the page loads the new version.
function later(load, name) {
  return function Later(props) {
    const [module, setModule] = useState(null);
    const [failed, setFailed] = useState(false);
    useEffect(() => { load().then(setModule, () => setFailed(true)); }, []);
    if (failed) return html`<${Failure} error=${{ code: 'unreachable' }} retry=${() => location.reload()} />`;
    return module ? html`<${module[name]} ...${props} />` : html`<p class="faint" role="status">${t('loading')}</p>`;
  };
}

function App() {
  const { pathname } = useAddress();
  const { user, asking, error } = useSession();
  useEffect(() => { findSession(); }, []);
  useEffect(() => { if (user) startOffline(user); }, [user?._id]);
  if (error && user === undefined) return html`<main class="alone"><${Failure} error=${error} retry=${findSession} /></main>`;
  if (user === undefined) return html`<header class="top"><span class="brand">Bookplate</span></header>
    <main class="alone"><p class="faint" role="status">${t('loading')}</p></main>`; // as in the page of the server
  if (user === null) return html`<${Entry} />`;
  const [Page, item] = findPage(pathname);
  return html`<${Shell} user=${user} pathname=${pathname}><${Page} key=${pathname} item=${item} user=${user} /><//>
    ${asking && html`<${LogInAgain} user=${user} />`}`;
}

function findPage(pathname) {
  for (const [pattern, page] of pages) {
    const match = pattern.exec(pathname);
    if (match) return [page, match[1] && decodeURIComponent(match[1])];
  }
  return [NotFound];
}

function NotFound() {
  usePage(t('not_found'));
  return html`<h1>${t('not_found')}</h1><p><a href="/app/">${t('to_library')}</a></p>`;
}

startRouter();
const root = document.getElementById('app');
root.replaceChildren();
render(html`<${App} />`, root);
startWorker();
