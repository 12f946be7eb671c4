// Tests what the web app does when something goes wrong, in headless Chromium, against a running demo. browser.mjs names the
// variables that it reads, and:
//
//   DEMO_EMAIL, DEMO_PASSWORD  an account of the demo

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { base, fits, logsIn, logsInAgain, run, settled } from './browser.mjs';

const exampleCover = fileURLToPath(new URL('../static/example-cover.jpg', import.meta.url));
const away = 'The server does not answer. Nothing is lost here: try again in a moment.';

// makeBook adds a book and returns its id.
async function makeBook(page, title) {
  const answer = await page.request.post(`${base}/books/`, { data: { title, authors: [crypto.randomUUID()] } });
  return (await answer.json()).data._id;
}

// Each refusal is said in words, and what was typed stays.
async function saysEachRefusalInWords(page) {
  await page.goto(`${base}/app/add`);
  await settled(page);
  const title = page.getByLabel('Title', { exact: true });
  await title.fill('Kept');
  for (const [status, code, words, headers] of [
    [409, 'title_taken', 'This book is in your library already.'],
    [412, 'precondition_failed', 'The book has changed meanwhile.'],
    [413, 'too_large', 'The file is larger than this server accepts.'],
    [429, 'too_many_requests', 'Too many attempts. Wait 7 seconds, then try again.', { 'Retry-After': '7' }],
    [503, 'unavailable', 'The server is busy or its database is out of reach.'],
    [507, 'insufficient_storage', 'The server’s disk is full. Nothing was saved.'],
    [500, 'internal_error', 'The server made a mistake.'],
  ]) {
    await page.route('**/books/', (route) => route.fulfill({ status, headers, json: { message: 'x', data: null, code, error: 'x' } }));
    await page.getByRole('button', { name: 'Add the book' }).click();
    await page.getByRole('alert').filter({ hasText: words }).waitFor();
    assert.equal(await title.inputValue(), 'Kept');
    await page.unroute('**/books/');
  }
}

async function losesTheServerDuringAnUpload(page) {
  const id = await makeBook(page, 'Uploaded to');
  await page.goto(`${base}/app/books/${id}`);
  await page.route('**/cover', (route) => route.abort('failed'));
  const input = page.locator('input[type=file]').first();
  await input.setInputFiles(exampleCover);
  await page.getByText(away).waitFor();
  await page.unroute('**/cover');
  await input.setInputFiles({ name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') });
  await page.getByRole('alert').filter({ hasText: /JPEG/ }).waitFor();
  await input.setInputFiles(exampleCover);
  await page.getByRole('img', { name: 'Cover of Uploaded to' }).waitFor();
  await page.request.delete(`${base}/books/${id}`);
}

async function losesTheServerDuringAnImport(page) {
  await page.goto(`${base}/app/import`);
  await settled(page);
  await page.route('**/imports', (route) => route.abort('failed'));
  await page.getByLabel('File').setInputFiles({ name: 'books.csv', mimeType: 'text/csv', buffer: Buffer.from('title,author\nBeheld,Ada\n') });
  await page.getByRole('button', { name: 'Check the file' }).click();
  await page.getByText(away).waitFor();
  await page.unroute('**/imports');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Added: 1').waitFor();
  await page.route('**/imports', (route) => route.abort('failed'));
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByText(away).waitFor();
  await page.unroute('**/imports');
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.waitForURL('**/app/import/*');
  await page.getByText('Finished').first().waitFor();
  const { data } = await (await page.request.get(`${base}/books/?q=beheld`)).json();
  assert.equal(data.length, 1);
  await page.request.delete(`${base}/books/${data[0]._id}`);
}

// A log-out in one tab asks for the password in the other one, which keeps what was typed.
async function noticesALogOutInAnotherTab(page) {
  await page.goto(`${base}/app/add`);
  await settled(page);
  await page.getByLabel('Title', { exact: true }).fill('Typed in two tabs');
  const other = await page.context().newPage();
  await other.goto(`${base}/app/`);
  await other.locator('summary', { hasText: 'Account of' }).click();
  await other.getByRole('button', { name: 'Log out' }).click();
  await other.getByRole('heading', { name: 'Log in' }).waitFor();
  await other.close();
  await page.getByRole('button', { name: 'Add the book' }).click();
  await logsInAgain(page);
  await page.getByText('“Typed in two tabs” is in the library.').waitFor();
  await page.getByRole('button', { name: 'Move to trash' }).click();
  await page.getByText('“Typed in two tabs” is in the trash.').waitFor();
}

async function keepsWhatWasSoughtForTheWayBack(page) {
  await page.goto(`${base}/app/`);
  await page.getByRole('searchbox').fill('emma');
  await page.waitForURL(/q=emma/);
  await page.getByRole('link', { name: /Emma/ }).first().click();
  await page.waitForURL(/\/app\/books\//);
  await page.goBack();
  await page.waitForURL(/q=emma/);
  assert.equal(await page.getByRole('searchbox').inputValue(), 'emma');
  await page.goForward();
  await page.getByRole('heading', { name: 'Emma' }).waitFor();
}

// On a right-to-left page nothing is cut off.
async function fitsFromRightToLeft(page) {
  await page.addInitScript(() => { document.addEventListener('DOMContentLoaded', () => { document.documentElement.dir = 'rtl'; }); });
  const id = await makeBook(page, 'ספר');
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 844 });
    for (const path of ['/app/', '/app/?view=table', `/app/books/${id}`, '/app/add', '/app/reading?show=year', '/app/loans', '/app/shelves', '/app/settings']) {
      await page.goto(base + path);
      await settled(page);
      await fits(page);
      const cut = await page.evaluate(() => [...document.querySelectorAll('main :is(a, button, input, h1, h2)')]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().left < -1 && !one.closest('.hidden, .scroll, .file, .skip'))
        .map((one) => one.outerHTML));
      assert.deepEqual(cut, [], `${path} at ${width}`);
    }
  }
  await page.request.delete(`${base}/books/${id}`);
}

// In a private window, a browser may forbid scripts to store anything.
async function worksWithoutStorage(page) {
  await page.addInitScript(() => {
    for (const name of ['getItem', 'setItem', 'removeItem']) Storage.prototype[name] = () => { throw new DOMException('forbidden', 'SecurityError'); };
    Object.defineProperty(globalThis, 'caches', { get() { throw new DOMException('forbidden', 'SecurityError'); } });
  });
  await logsIn(page);
  const id = await makeBook(page, 'Not stored');
  await page.goto(`${base}/app/books/${id}`);
  await page.route('**/reading', (route) => route.abort('failed'));
  await page.getByRole('radio', { name: 'Reading' }).check({ force: true });
  await page.getByText('Kept in this browser.').waitFor();
  await page.unroute('**/reading');
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await page.getByText('1 change is saved.').waitFor();
  await page.request.delete(`${base}/books/${id}`);
}

// The server decides what has expired, so a wrong clock in the browser changes nothing.
async function worksWithAWrongClock(page) {
  await page.clock.setFixedTime(new Date('2050-01-01T12:00:00Z'));
  await logsIn(page);
  await page.goto(`${base}/app/loans`);
  await page.getByText('Overdue').first().waitFor();
  await page.goto(`${base}/app/reading?show=year`);
  await settled(page);
  assert.equal(await page.getByRole('alert').count(), 0);
}

await run([
  logsIn, saysEachRefusalInWords, losesTheServerDuringAnUpload, losesTheServerDuringAnImport, noticesALogOutInAnotherTab,
  keepsWhatWasSoughtForTheWayBack, fitsFromRightToLeft,
]);
await run([worksWithoutStorage]);
await run([worksWithAWrongClock]);
