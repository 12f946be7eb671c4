// Tests what the web app does while its server is out of reach, with its service worker in headless Chromium. The test starts and
// stops the server itself: BOOKPLATE is the program, NEXT one whose app is another version, DATA an empty folder for their data, and
// ADDR their address.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { base, run } from './browser.mjs';

const { BOOKPLATE, NEXT, DATA, ADDR } = process.env;
const account = { name: 'Ada Lovelace', email: 'ada@example.com', password: 'Secret-1' };
const title = 'The Time Machine';
let server = null;

async function startServer(program = BOOKPLATE) {
  server = spawn(program, [], { cwd: DATA, env: { ADDR, DATA_DIR: DATA, METADATA_SOURCES: '' }, stdio: 'ignore' });
  for (;;) {
    const ready = await fetch(`${base}/readyz`).then(({ ok }) => ok, () => false);
    if (ready) return;
    assert.equal(server.exitCode, null, 'the server has ended');
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

async function stopServer() {
  const ended = once(server, 'exit');
  server.kill();
  await ended;
}

const note = (page) => page.locator('.offline');

async function call(page, method, path, body) {
  return page.evaluate(async (request) => {
    const response = await fetch(request.path, {
      method: request.method, body: JSON.stringify(request.body), headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    });
    return response.status === 204 ? null : (await response.json()).data;
  }, { method, path, body });
}

async function isInstalled(page) {
  await startServer();
  await page.goto(`${base}/app/sign-up`);
  await page.getByLabel('Name').fill(account.name);
  await page.getByLabel('E-mail').fill(account.email);
  await page.getByLabel('Password').fill(account.password);
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByText('Welcome').waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await call(page, 'POST', '/books/', { title });
  const manifest = await page.evaluate(async () => (await fetch(document.querySelector('[rel=manifest]').href)).json());
  assert.equal(manifest.start_url, '/app/');
}

async function showsCopies(page) {
  await page.goto(`${base}/app/`);
  await page.getByRole('link', { name: title }).click();
  await page.getByRole('heading', { name: title }).waitFor();
  await page.waitForLoadState('networkidle');
  await stopServer();
  await page.goto(`${base}/app/`);
  await page.getByRole('link', { name: title }).waitFor();
  await note(page).filter({ hasText: 'Offline: this is a copy from' }).waitFor();
  await page.getByRole('link', { name: title }).click();
  await page.getByRole('heading', { name: title }).waitFor();
}

const readingStatus = (page) => page.getByRole('radio', { name: 'Reading' });
const percentRead = (page) => page.getByLabel('Percent read');

// showsTheReading waits until the book's page shows the reading that waits, or that was saved after it had waited.
async function showsTheReading(page) {
  await page.getByRole('heading', { name: title }).waitFor();
  await page.waitForFunction(() => document.querySelector('input[value=reading]')?.checked);
  assert.equal(await percentRead(page).inputValue(), '40');
}

async function keepsWhatIsWritten(page) {
  const waits = page.getByText('Kept in this browser.');
  await readingStatus(page).check({ force: true });
  await waits.waitFor();
  await percentRead(page).fill('40');
  await page.keyboard.press('Tab');
  await note(page).filter({ hasText: '2 changes wait to be sent.' }).waitFor();
  await page.getByRole('link', { name: 'Library' }).first().click();
  await page.getByRole('link', { name: title }).click();
  await waits.waitFor();
  await showsTheReading(page);
  await page.reload();
  await waits.waitFor();
  await showsTheReading(page);
  await page.goto(`${base}/app/add`);
  await page.getByLabel('ISBN').first().fill('9780141439518');
  await page.keyboard.press('Enter');
  await page.getByText('The book can be added later.').waitFor();
  await page.getByRole('button', { name: 'Add 9780141439518' }).click();
  await page.getByText('Waits until the server answers again.').waitFor();
  await note(page).filter({ hasText: '3 changes wait to be sent.' }).waitFor();
}

async function sendsItLater(page) {
  await page.goto(`${base}/app/`);
  await page.getByRole('link', { name: title }).click();
  await showsTheReading(page);
  await startServer();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  const toast = page.locator('.toast');
  await toast.filter({ hasText: 'The server answers again. 2 changes are saved.' }).waitFor();
  await toast.filter({ hasText: 'What waited about “9780141439518” was not accepted' }).waitFor(); // the server looks up no ISBN
  await note(page).waitFor({ state: 'hidden' });
  await page.getByText('Kept in this browser.').waitFor({ state: 'hidden' });
  await page.waitForLoadState('networkidle');
  await showsTheReading(page);
  const books = await call(page, 'GET', '/books/');
  assert.deepEqual(books.map((book) => [book.title, book.reading.status, book.reading.progress]), [[title, 'reading', { percent: 40 }]]);
}

// What the server does not accept is shown no longer.
async function showsWhatIsSavedAfterARefusal(page) {
  await stopServer();
  await percentRead(page).fill('400');
  await page.keyboard.press('Tab');
  await page.getByText('Kept in this browser.').waitFor();
  await startServer();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await page.locator('.toast').filter({ hasText: `What waited about “${title}” was not accepted` }).waitFor();
  await page.waitForFunction(() => document.querySelector('.progress input').value === '40');
}

// The page of a new version comes from the server at once, whatever the worker is. The worker is replaced when the person agrees.
async function offersANewVersion(page) {
  const versions = () => page.evaluate(async () => [document.querySelector('[rel=stylesheet]').href, ...await caches.keys()]
    .join(' ').match(/(?<=\/app\/|shell-)[0-9a-f]{16}/g));
  const [before] = await versions();
  await stopServer();
  await startServer(NEXT);
  await page.reload();
  await page.getByText('There is a new version').waitFor();
  const [loaded, ...shells] = await versions();
  assert.notEqual(loaded, before);
  assert.deepEqual(shells.sort(), [before, loaded].sort());
  await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Load it' }).click()]);
  await page.waitForLoadState('networkidle');
  assert.deepEqual(await versions(), [loaded, loaded], 'the former version is still kept');
}

async function wipesEverythingAtLogOut(page) {
  await page.goto(`${base}/app/`);
  await page.getByRole('link', { name: title }).waitFor();
  await page.locator('summary', { hasText: 'Account of' }).click();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  await page.waitForLoadState('networkidle');
  const kept = await page.evaluate(async () => ({ caches: (await caches.keys()).filter((name) => !name.startsWith('shell-')), storage: localStorage.length }));
  assert.deepEqual(kept, { caches: [], storage: 0 });
}

await run([isInstalled, showsCopies, keepsWhatIsWritten, sendsItLater, showsWhatIsSavedAfterARefusal, offersANewVersion, wipesEverythingAtLogOut], { worker: true })
  .finally(() => server?.kill());
