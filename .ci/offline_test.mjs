// Tests what the web app does while its server is out of reach, with its service worker in headless Chromium. The test starts and
// stops the server itself: BOOKPLATE is the program, DATA an empty folder for its data, and ADDR its address.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { base, run } from './browser.mjs';

const { BOOKPLATE, DATA, ADDR } = process.env;
const account = { name: 'Ada Lovelace', email: 'ada@example.com', password: 'Secret-1' };
const title = 'The Time Machine';
let server = null;

async function startServer() {
  server = spawn(BOOKPLATE, [], { cwd: DATA, env: { ADDR, DATA_DIR: DATA, METADATA_SOURCES: '' }, stdio: 'ignore' });
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

async function keepsWhatIsWritten(page) {
  await page.getByRole('radio', { name: 'Reading' }).check({ force: true });
  await page.getByText('Kept in this browser.').waitFor();
  await page.goto(`${base}/app/add`);
  await page.getByLabel('ISBN').first().fill('9780141439518');
  await page.keyboard.press('Enter');
  await page.getByText('The book can be added later.').waitFor();
  await page.getByRole('button', { name: 'Add 9780141439518' }).click();
  await page.getByText('Waits until the server answers again.').waitFor();
  await note(page).filter({ hasText: '2 changes wait to be sent.' }).waitFor();
}

async function sendsItLater(page) {
  await startServer();
  await page.reload();
  await page.getByText('The server answers again. 1 change is saved.').or(page.getByText('What waited about “9780141439518” was not accepted')).first().waitFor();
  await note(page).waitFor({ state: 'hidden' });
  const [book] = await call(page, 'GET', `/books/?q=${encodeURIComponent(title)}`);
  assert.equal(book.reading.status, 'reading');
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

await run([isInstalled, showsCopies, keepsWhatIsWritten, sendsItLater, wipesEverythingAtLogOut], { worker: true })
  .finally(() => server?.kill());
