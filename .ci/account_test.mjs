// Tests sign-up, invitations and passwords in headless Chromium, against a running server. browser.mjs names the variables that it
// reads, and:
//
//   SET_UP_LINK  the link for the first administrator

import assert from 'node:assert/strict';
import { base, isAccessible, run } from './browser.mjs';

const { SET_UP_LINK } = process.env;
const password = 'Abc@123';
const email = `ada.${crypto.randomUUID()}@example.com`;

async function fill(page, name, address) {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('E-mail').fill(address);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign up' }).click();
}

async function signUpIsAccessible(page) {
  await isAccessible(page, async () => {
    await page.goto(`${base}/app/sign-up`);
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByText('E-mail is required.').waitFor();
  });
}

async function saysWhatIsWrongNextToTheField(page) {
  await fill(page, 'Ada', email);
  await page.getByText(/^Name must have 2 to 30 words/).waitFor();
  assert.equal(await page.getByLabel('Name').getAttribute('aria-invalid'), 'true');
  await page.waitForFunction(() => document.activeElement.name === 'name');
}

async function signsUp(page) {
  await fill(page, 'Ada Lovelace', email);
  await page.getByText('Welcome, Ada Lovelace.').waitFor();
  await page.getByText('No books yet.').waitFor();
  await page.getByRole('link', { name: 'Add the first one' }).waitFor();
}

async function logsOut(page) {
  await page.locator('summary', { hasText: 'Account of' }).click();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
}

async function asksForANewPassword(page) {
  const forgot = page.getByRole('button', { name: 'I forgot my password' });
  await page.getByLabel('E-mail').fill('');
  await forgot.click();
  await page.getByText('E-mail is required.').waitFor();
  await page.getByLabel('E-mail').fill(email);
  await forgot.click();
  await page.getByText('a message is on its way.').waitFor();
}

// The set-up link makes an administrator, whose invitation lets one person sign up.
async function acceptsAnInvitationOnce(page) {
  await page.goto(base + new URL(SET_UP_LINK).search.replace('?', '/?'));
  await fill(page, 'Grace Hopper', `${crypto.randomUUID()}@example.com`);
  await page.getByText('Welcome, Grace Hopper.').waitFor();
  assert.equal(page.url(), `${base}/app/`, 'the used link is still in the address bar');
  const link = await page.evaluate(async () => (await (await fetch('/invitations', { method: 'POST' })).json()).data.link);
  await logsOut(page);
  await page.goto(base + new URL(link).search.replace('?', '/?'));
  await fill(page, 'Mary Shelley', `${crypto.randomUUID()}@example.com`);
  await page.getByText('Welcome, Mary Shelley.').waitFor();
  await logsOut(page);
  await page.goto(base + new URL(link).search.replace('?', '/?'));
  await fill(page, 'Eve Mallory', `${crypto.randomUUID()}@example.com`);
  await page.getByText('The invitation is unknown, was used already or has expired.').waitFor();
}

async function pagesOfLinksAreAccessible(page) {
  for (const path of ['/users/password/reset/x', '/users/activate/x', '/nothing']) await isAccessible(page, () => page.goto(base + path));
}

await run([
  signUpIsAccessible, saysWhatIsWrongNextToTheField, signsUp, logsOut, asksForANewPassword, acceptsAnInvitationOnce, pagesOfLinksAreAccessible,
]);
