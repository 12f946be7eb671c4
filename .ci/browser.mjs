// Functions that the browser tests share. They start a headless Chromium, collect its errors, and check pages with axe.
//
//   BASE_URL        the server, http://localhost:5000 by default
//   PLAYWRIGHT_DIR  the folder whose node_modules has playwright-core and axe-core; by default this script's
//   CHROMIUM        the browser, /usr/bin/chromium by default

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { BASE_URL = 'http://localhost:5000', PLAYWRIGHT_DIR, CHROMIUM = '/usr/bin/chromium' } = process.env;
const require = createRequire(PLAYWRIGHT_DIR ? join(PLAYWRIGHT_DIR, 'package.json') : import.meta.url);
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const base = new URL(BASE_URL).origin;

// run runs checks one after the other on one page. Each check is a function of the page.
// With worker, pages may have a service worker. Without, it is forbidden as in a private window, because a test cannot answer the
// requests that a worker sends. args are further arguments of the browser.
export async function run(checks, { worker = false, args = [], ...options } = {}) {
  // The flags keep the browser from calling its vendor's servers, and let it run as root in a container.
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', ...args],
  });
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 2, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    if (!worker) await page.addInitScript(() => { ServiceWorkerContainer.prototype.register = () => Promise.reject(new Error('forbidden')); });
    const faults = watch(page);
    for (const check of checks) {
      await check(page);
      assert.deepEqual(faults, [], `${check.name}: the browser reports faults`);
      console.log(`ok  ${check.name}`);
    }
  } finally {
    await browser.close();
  }
}

// logsIn is a check that logs in to a demo: DEMO_EMAIL and DEMO_PASSWORD are of an account of it.
export async function logsIn(page) {
  await page.goto(`${base}/app/`);
  await page.getByLabel('E-mail').fill(process.env.DEMO_EMAIL);
  await page.getByLabel('Password').fill(process.env.DEMO_PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByText(/^[\d,]+ books$/).waitFor();
}

// logsInAgain answers the dialog that asks for the password when the session is over.
export async function logsInAgain(page) {
  await page.getByRole('dialog', { name: 'Log in again' }).getByLabel('Password').fill(process.env.DEMO_PASSWORD);
  await page.keyboard.press('Enter');
}

// settled waits until a page of the app has loaded its data.
export async function settled(page) {
  await page.locator('h1').first().waitFor({ state: 'attached' });
  await page.waitForLoadState('networkidle');
  await page.getByText('Loading…').waitFor({ state: 'hidden' });
}

// watch collects faults of a page: errors in the console, which include violations of the content security policy,
// exceptions, and requests to other servers. A request that the API rejects is not a fault.
function watch(page) {
  const faults = [];
  const refusal = /^Failed to load resource: (the server responded with a status of [45]\d\d|net::ERR_FAILED|net::ERR_CONNECTION_REFUSED)/;
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !refusal.test(message.text())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(`${base}/`)) faults.push(request.url());
  });
  return faults;
}

// isAccessible calls open, which loads a page, in each colour scheme, and checks the page with axe.
export async function isAccessible(page, open) {
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await open(page);
    const color = await page.locator('h1').first().evaluate((heading) => getComputedStyle(heading).color);
    const bright = Math.min(...color.match(/\d+/g)) > 127;
    assert.equal(bright ? 'dark' : 'light', colorScheme, `the text is ${color}`);
    const { violations } = await page.evaluate(`${axe}; axe.run({ resultTypes: ['violations'] })`);
    const found = violations.flatMap(({ nodes }) => nodes.map((node) => `${node.html}\n${node.failureSummary}`));
    assert.deepEqual(found, [], `axe reports violations at ${page.url()} in the ${colorScheme} colour scheme`);
  }
}

// fits checks that a page does not scroll sideways.
export async function fits(page) {
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(beyond <= 0, `${page.url()} scrolls sideways by ${beyond} pixels at a width of ${page.viewportSize().width}`);
}

// isReachableByKeyboard checks that pressing Tab reaches every visible control, except for those of a list that the arrow keys
// reach.
export async function isReachableByKeyboard(page) {
  const controls = page.locator('a[href], button:enabled, input:enabled, select, textarea, summary')
    .filter({ visible: true }).and(page.locator(':not([tabindex="-1"]):not([type="radio"])'));
  const count = await controls.count();
  assert.ok(count > 3, `only ${count} controls are visible`);
  await page.evaluate(() => document.activeElement.blur());
  const reached = new Set();
  for (let presses = 0; presses < 2 * count + 10 && reached.size < count; presses++) {
    await page.keyboard.press('Tab');
    const index = await controls.evaluateAll((all) => all.indexOf(document.activeElement));
    if (index >= 0) reached.add(index);
  }
  const missed = await controls.evaluateAll((all, indexes) => all.filter((_, i) => !indexes.includes(i)).map((one) => one.outerHTML), [...reached]);
  assert.deepEqual(missed, [], `${page.url()}: Tab does not reach these`);
}
