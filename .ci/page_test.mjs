// Tests the web page and the documentation page in headless Chromium, against a running server.
//
//   BASE_URL        the server, http://localhost:5000 by default
//   PLAYWRIGHT_DIR  the folder whose node_modules has playwright-core and axe-core; by default this script's
//   CHROMIUM        the browser, /usr/bin/chromium by default
//   SET_UP_LINK     the link for the first administrator; without it, invitations are not tested
//   SCREENSHOT      the file for a screenshot of the page with a book; none by default

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const {
  BASE_URL = 'http://localhost:5000', PLAYWRIGHT_DIR, CHROMIUM = '/usr/bin/chromium', SET_UP_LINK, SCREENSHOT,
} = process.env;
const require = createRequire(PLAYWRIGHT_DIR ? join(PLAYWRIGHT_DIR, 'package.json') : import.meta.url);
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const base = new URL(BASE_URL).origin;
const exampleCover = fileURLToPath(new URL('../static/example-cover.jpg', import.meta.url));
const account = { name: 'Ada Lovelace', email: `ada.${crypto.randomUUID()}@example.com`, password: 'Abc@123' };
const title = 'The Time Machine';

// watch collects faults of a page: errors in the console, which include violations of the content security policy,
// exceptions, and requests to other servers. A request that the API rejects is not a fault.
function watch(page) {
  const faults = [];
  const refusal = /^Failed to load resource: the server responded with a status of 4\d\d/;
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !refusal.test(message.text())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(`${base}/`)) faults.push(request.url());
  });
  return faults;
}

async function namesItsServer(page) {
  await page.goto(`${base}/`);
  const { data } = await (await fetch(`${base}/readyz`)).json();
  const facts = await page.locator('header dd').allTextContents();
  assert.deepEqual(facts, [data.version, data.database]);
  for (const link of await page.locator('nav a').all()) {
    assert.equal((await fetch(new URL(await link.getAttribute('href'), base))).status, 200);
  }
}

// isReachableByKeyboard checks that pressing Tab reaches every visible control.
async function isReachableByKeyboard(page) {
  const count = await page.locator('a, button, input, select, textarea').filter({ visible: true }).count();
  assert.ok(count > 5, `only ${count} controls are visible`);
  const reached = new Set();
  for (let presses = 0; presses < 2 * count; presses++) {
    await page.keyboard.press('Tab');
    const control = await page.evaluate(() => {
      const control = document.activeElement;
      if (control === document.body) return null;
      return [control.tagName, control.id, control.href, control.ariaLabel, control.closest('form')?.id].join();
    });
    if (control) reached.add(control);
  }
  assert.equal(reached.size, count, `reached ${[...reached].join(' | ')}`);
}

// isAccessible calls open, which loads a page, in each colour scheme, and checks the page with axe.
async function isAccessible(page, open) {
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    await open(page);
    const color = await page.locator('h1').evaluate((heading) => getComputedStyle(heading).color);
    const bright = Math.min(...color.match(/\d+/g)) > 127;
    assert.equal(bright ? 'dark' : 'light', colorScheme, `the text is ${color}`);
    const { violations } = await page.evaluate(`${axe}; axe.run({ resultTypes: ['violations'] })`);
    const found = violations.flatMap(({ nodes }) => nodes.map((node) => `${node.html}\n${node.failureSummary}`));
    assert.deepEqual(found, [], `axe reports violations in the ${colorScheme} colour scheme`);
  }
}

async function isAccessibleSignedOut(page) {
  await isAccessible(page, async () => {
    await page.goto(`${base}/`);
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByText('E-mail is required.').waitFor();
  });
}

async function isAccessibleSignedIn(page) {
  await isAccessible(page, survivesAReload);
}

async function saysWhatIsWrongNextToTheField(page) {
  const form = page.locator('#sign-up');
  await form.getByLabel('Name').fill('Ada');
  await form.getByLabel('E-mail').fill(account.email);
  await form.getByLabel('Password').fill(account.password);
  await form.getByRole('button').click();
  await form.getByText(/^Name must have 2 to 30 words/).waitFor();
  assert.equal(await form.getByLabel('Name').getAttribute('aria-invalid'), 'true');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'sign-up-name');
}

async function signsUp(page) {
  await page.locator('#sign-up').getByLabel('Name').fill(account.name);
  await page.keyboard.press('Enter');
  await page.getByText(`Welcome, ${account.name}.`).waitFor();
  await page.getByText('No books yet').waitFor();
}

async function logsOut(page) {
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('You are logged out.').waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0, 'the token is still there');
}

async function refusesAWrongPassword(page) {
  const form = page.locator('#log-in');
  await form.getByLabel('E-mail').fill(account.email);
  await form.getByLabel('Password').fill('Wrong@123');
  await page.keyboard.press('Enter');
  await form.getByText(/invalid email or password/).waitFor();
}

async function asksForANewPassword(page) {
  const form = page.locator('#log-in');
  const forgot = form.getByRole('button', { name: 'I forgot my password' });
  await form.getByLabel('E-mail').fill('');
  await forgot.click();
  await form.getByText('E-mail is required.').waitFor();
  await form.getByLabel('E-mail').fill(account.email);
  await forgot.click();
  await page.getByText('a message is on its way.').waitFor();
}

async function logsIn(page) {
  await page.locator('#log-in').getByLabel('Password').fill(account.password);
  await page.keyboard.press('Enter');
  await page.getByText(account.name, { exact: true }).waitFor();
}

async function asksForACover(page) {
  await page.getByLabel('Title').fill(title);
  await page.getByRole('button', { name: 'Add the book' }).click();
  await page.locator('#add-book').getByText('Cover is required.').waitFor();
}

async function saysThatACoverIsTooLarge(page) {
  const cover = { name: 'cover.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(21 * 2 ** 20) };
  await page.getByLabel('Cover', { exact: true }).setInputFiles(cover);
  await page.getByRole('button', { name: 'Add the book' }).click();
  await page.locator('#add-book').getByText(/limit is 20/).waitFor();
}

async function addsABookAndShowsItsCover(page) {
  await page.getByLabel('Category').selectOption('science');
  await page.getByLabel('Description').fill('A traveller and the year 802,701.');
  await page.getByLabel('Cover', { exact: true }).setInputFiles(exampleCover);
  await page.getByRole('button', { name: 'Add the book' }).click();
  await page.getByText(`“${title}” is in the library.`).waitFor();
  const sent = page.getByRole('progressbar', { includeHidden: true });
  assert.deepEqual([await sent.evaluate((bar) => bar.value), await sent.isVisible()], [1, false]);
  await coverIsShown(page);
}

async function coverIsShown(page) {
  const cover = page.getByRole('img', { name: `Cover of ${title}` });
  await cover.evaluate((image) => image.decode()); // rejects if the picture does not load
  assert.match(await cover.getAttribute('srcset'), /-150\.jpg 1x, .*-300\.jpg 2x, .*-600\.jpg 4x$/);
  assert.match(await cover.evaluate((image) => image.currentSrc), /-300\.jpg$/, 'the screen has two dots per pixel');
}

async function survivesAReload(page) {
  await page.reload();
  await page.getByRole('heading', { name: title }).waitFor();
  await coverIsShown(page);
}

async function fitsANarrowWindow(page) {
  const { width, height } = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 }); // WCAG 2.2, 1.4.10
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it scrolls sideways');
  await page.setViewportSize({ width, height });
}

async function deletesTheBook(page) {
  page.once('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: `Delete ${title}` }).click();
  await page.getByText(`“${title}” is deleted.`).waitFor();
  await page.getByText('No books yet').waitFor();
}

async function forgetsADeadToken(page) {
  await page.evaluate(() => sessionStorage.setItem('bookplate.token', 'a.b.c'));
  await page.reload();
  await page.getByText(/Invalid Authentication token!/).waitFor();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
}

// signsUpByLink opens the page by a link with an invitation and sends the form.
async function signsUpByLink(page, link, name) {
  await page.goto(base + new URL(link).search);
  const form = page.locator('#sign-up');
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('E-mail').fill(`${crypto.randomUUID()}@example.com`);
  await form.getByLabel('Password').fill(account.password);
  await form.getByRole('button').click();
}

// The set-up link makes an administrator, whose invitation lets one person sign up.
async function acceptsAnInvitationOnce(page) {
  await signsUpByLink(page, SET_UP_LINK, 'Grace Hopper');
  await page.getByText('Welcome, Grace Hopper.').waitFor();
  assert.equal(page.url(), `${base}/`, 'the used link is still in the address bar');
  const token = await page.evaluate(() => sessionStorage.getItem('bookplate.token'));
  const answer = await fetch(`${base}/invitations`, { method: 'POST', headers: { Authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 201);
  const { link } = (await answer.json()).data;
  await logsOut(page);
  await signsUpByLink(page, link, 'Mary Shelley');
  await page.getByText('Welcome, Mary Shelley.').waitFor();
  await logsOut(page);
  await signsUpByLink(page, link, 'Eve Mallory');
  await page.getByText('The invitation is unknown, was used already or has expired.').waitFor();
}

async function documentationShowsEveryOperation(page) {
  await page.goto(`${base}/docs/`);
  await page.locator('.opblock').first().waitFor();
  const { paths, tags } = await (await fetch(`${base}/openapi.json`)).json();
  const methods = Object.values(paths).flatMap((path) => Object.keys(path).filter((key) => key !== 'parameters'));
  assert.equal(await page.locator('.opblock').count(), methods.length);
  const shown = await page.locator('.opblock-tag').evaluateAll((all) => all.map(({ dataset }) => dataset.tag));
  assert.deepEqual(shown, tags.map(({ name }) => name));
}

async function documentationSendsTheToken(page) {
  const { email, password } = account;
  const body = new URLSearchParams({ email, password });
  const { data } = await (await fetch(`${base}/users/login`, { method: 'POST', body })).json();
  await page.getByRole('button', { name: 'Authorize' }).click();
  const bearer = page.locator('.auth-container').first();
  await bearer.getByLabel('bearer').fill(data.token);
  await bearer.getByRole('button', { name: 'Authorize' }).click();
  await page.locator('.modal-ux-header').getByRole('button', { name: 'Close' }).click();
  const operation = page.locator('#operations-Users-getProfile');
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  await operation.locator('.live-responses-table').getByText(email).waitFor();
}

async function documentationOffersTheUpload(page) {
  const operation = page.locator('#operations-Books-addBook');
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByLabel('cover_image').waitFor();
}

async function documentationIsAccessible(page) {
  await isAccessible(page, async () => {
    for (const check of [documentationShowsEveryOperation, documentationSendsTheToken, documentationOffersTheUpload]) {
      await check(page);
    }
  });
}

async function takeScreenshot(page) {
  await page.evaluate(() => document.activeElement.blur());
  await page.screenshot({ path: SCREENSHOT });
}

const checks = [
  isAccessibleSignedOut, namesItsServer, isReachableByKeyboard, saysWhatIsWrongNextToTheField, signsUp, logsOut,
  refusesAWrongPassword, asksForANewPassword, logsIn,
  asksForACover, saysThatACoverIsTooLarge, addsABookAndShowsItsCover, isAccessibleSignedIn, isReachableByKeyboard,
  fitsANarrowWindow,
  ...(SCREENSHOT ? [takeScreenshot] : []),
  deletesTheBook, logsOut, forgetsADeadToken,
  ...(SET_UP_LINK ? [acceptsAnInvitationOnce] : []),
  documentationIsAccessible,
];

// The flags keep the browser from calling its vendor's servers, and let it run as root in a container.
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 }, deviceScaleFactor: 2 });
  page.setDefaultTimeout(15_000);
  const faults = watch(page);
  for (const check of checks) {
    await check(page);
    assert.deepEqual(faults, [], `${check.name}: the browser reports faults`);
    console.log(`ok  ${check.name}`);
  }
} finally {
  await browser.close();
}
