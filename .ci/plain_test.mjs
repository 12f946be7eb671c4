// Tests the pages for browsers without JavaScript in headless Chromium, against a running demo. browser.mjs names the variables that
// it reads, and:
//
//   DEMO_EMAIL, DEMO_PASSWORD  an account of the demo

import assert from 'node:assert/strict';
import { base, fits, isAccessible, run } from './browser.mjs';

const { DEMO_EMAIL, DEMO_PASSWORD } = process.env;

// The page of the app leads to the plain list, and that to the log-in.
async function leadsToTheLogIn(page) {
  await page.goto(base);
  await page.waitForURL(`${base}/plain/login`);
}

async function logsIn(page) {
  await page.goto(`${base}/plain/login`);
  await page.getByLabel('E-mail').fill(DEMO_EMAIL);
  await page.getByLabel('Password').fill('Wrong@123');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('The e-mail address or the password is wrong.').waitFor();
  await page.getByLabel('Password').fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Library' }).waitFor();
}

async function findsBooks(page) {
  await page.goto(`${base}/plain`);
  await page.getByRole('link', { name: 'Books of everybody' }).click();
  await page.waitForURL(/scope=all/);
  assert.equal(await page.getByRole('listitem').count(), 50);
  await page.getByRole('link', { name: 'Show more' }).click();
  await page.waitForURL(/cursor=/);
  await page.getByRole('searchbox', { name: 'Search' }).fill('austen');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.waitForURL(/q=austen/);
  await page.getByRole('link', { name: 'Jane Austen' }).first().click();
  await page.waitForURL(/author=Jane/);
  await page.getByText('Emma', { exact: true }).waitFor();
  const loaded = await page.locator('img').first().evaluate((image) => image.complete && image.naturalWidth > 0);
  assert.ok(loaded, 'the pictures are not shown');
}

async function fitsOnAPhone(page) {
  for (const path of ['/plain', '/plain/login', '/plain/password']) {
    await page.goto(base + path);
    await fits(page);
  }
}

async function logsOut(page) {
  await page.goto(`${base}/plain`);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL(`${base}/plain/login`);
}

async function pagesAreAccessible(page) {
  for (const path of ['/plain', '/plain/password', '/plain/login']) await isAccessible(page, () => page.goto(base + path));
}

const phone = { viewport: { width: 390, height: 844 } };
await run([leadsToTheLogIn, logsIn, findsBooks, fitsOnAPhone, logsOut], { javaScriptEnabled: false, ...phone });
await run([logsIn, pagesAreAccessible], phone); // axe is a script
