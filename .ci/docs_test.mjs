// Tests the documentation page in headless Chromium, against a running server. browser.mjs names the variables that it reads.

import assert from 'node:assert/strict';
import { base, isAccessible, run } from './browser.mjs';

const account = { name: 'Ada Lovelace', email: `ada.${crypto.randomUUID()}@example.com`, password: 'Abc@123' };

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
  const { name, email, password } = account;
  await fetch(`${base}/users/`, { method: 'POST', body: new URLSearchParams({ name, email, password }) });
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

await run([documentationIsAccessible]);
