// Tests the reading of bar codes in headless Chromium, whose camera shows a bar code, against a running demo. browser.mjs names the
// variables that it reads, and:
//
//   DEMO_EMAIL, DEMO_PASSWORD  an account of the demo

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { base, isAccessible, logsIn, run } from './browser.mjs';

const isbn = '9780141439518';
const title = 'Pride and Prejudice, scanned';

// modules returns the bars of an EAN-13: a 1 is black.
function modules(digits) {
  const odd = ['0001101', '0011001', '0010011', '0111101', '0100011', '0110001', '0101111', '0111011', '0110111', '0001011'];
  const right = odd.map((code) => code.replace(/./g, (bit) => 1 - bit));
  const even = right.map((code) => [...code].reverse().join(''));
  const parity = ['000000', '001011', '001101', '001110', '010011', '011001', '011100', '010101', '010110', '011010'][digits[0]];
  const left = [...digits.slice(1, 7)].map((digit, i) => (parity[i] === '0' ? odd : even)[digit]).join('');
  return `101${left}01010${[...digits.slice(7)].map((digit) => right[digit]).join('')}101`;
}

// film returns a video of one picture, in the format YUV4MPEG2, with a bar code on white.
function film(digits) {
  const [width, height, bar] = [640, 480, 4];
  const bars = modules(digits);
  const left = Math.floor((width - bars.length * bar) / 2);
  const row = Buffer.alloc(width, 235);
  for (let x = 0; x < bars.length * bar; x++) if (bars[Math.floor(x / bar)] === '1') row[left + x] = 16;
  const blank = Buffer.alloc(width, 235);
  const rows = Array.from({ length: height }, (_, y) => (y > 100 && y < 380 ? row : blank));
  const colours = Buffer.alloc((width * height) / 2, 128);
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A0:0 C420jpeg\nFRAME\n`), ...rows, colours]);
}

// knowsTheBook makes a look-up find the book.
async function knowsTheBook(page) {
  await page.route(`**/isbn/${isbn}`, (route) => route.fulfill({ json: {
    message: 'successfully found a book', data: { book: { title, authors: ['Jane Austen'], isbn }, sources: {}, cover_url: null, out_of_reach: [] },
  } }));
}

const scan = (page) => page.getByRole('button', { name: 'Scan with the camera' });

// The camera stays open between scans, and what was found is said.
async function findsABookByItsBarCode(page) {
  await page.goto(`${base}/app/add`);
  await scan(page).click();
  const rows = page.locator('.lookups li');
  await rows.filter({ hasText: title }).waitFor();
  await page.getByRole('button', { name: 'Turn the camera off' }).waitFor();
  assert.equal(await page.locator('.lookups[aria-live]').count(), 1);
  assert.equal(await rows.count(), 1);
  await page.getByRole('button', { name: 'Turn the camera off' }).click();
  assert.equal(await page.locator('video').count(), 0);
}

async function takesBackByBarCode(page) {
  const { data: book } = await (await page.request.post(`${base}/books/`, { data: { title, isbn } })).json();
  const lend = () => page.request.post(`${base}/books/${book._id}/loans`, { data: { to: 'Grace' } });
  await lend();
  await page.goto(`${base}/app/loans`);
  await page.getByRole('link', { name: title }).waitFor();
  await scan(page).click();
  await page.getByText(`“${title}” is back.`).waitFor();
  await page.getByRole('link', { name: title }).waitFor({ state: 'detached' });
  await lend();
  await page.goto(`${base}/app/loans`);
  await page.getByLabel('Take back by ISBN').fill('978-0-14-143951-8'); // as a hand scanner types it
  await page.keyboard.press('Enter');
  await page.getByText(`“${title}” is back.`).waitFor();
  await page.getByLabel('Take back by ISBN').fill(isbn);
  await page.keyboard.press('Enter');
  await page.getByText(`No book with the ISBN ${isbn} is on loan.`).waitFor();
  await page.request.patch(`${base}/books/${book._id}`, { data: { copies: 2 } });
  await lend();
  await lend();
  await page.getByLabel('Take back by ISBN').fill(isbn);
  await page.keyboard.press('Enter');
  await page.getByText(`Several people have “${title}”.`).waitFor();
  await page.request.delete(`${base}/books/${book._id}`);
}

// A browser's own reader is preferred, and the other one is not loaded.
async function prefersTheReaderOfTheBrowser(page) {
  await page.addInitScript(() => {
    globalThis.BarcodeDetector = class {
      static async getSupportedFormats() { return ['ean_13']; }

      async detect() { return [{ rawValue: '9780141439518' }]; }
    };
  });
  const loaded = [];
  page.on('request', (request) => loaded.push(request.url()));
  await page.goto(`${base}/app/add`);
  await scan(page).click();
  await page.locator('.lookups li').filter({ hasText: title }).waitFor();
  assert.deepEqual(loaded.filter((url) => url.includes('zxing')), []);
}

async function isAccessibleWhileItScans(page) {
  await isAccessible(page, async () => {
    await page.goto(`${base}/app/add`);
    await scan(page).click();
    await page.locator('.lookups li').waitFor();
  });
}

async function saysThatThereIsNoCamera(page) {
  await page.goto(`${base}/app/add`);
  await scan(page).click();
  await page.getByText('There is no camera.').waitFor();
}

const folder = mkdtempSync(join(tmpdir(), 'bookplate-film-'));
try {
  writeFileSync(join(folder, 'film.y4m'), film(isbn));
  await run([logsIn, knowsTheBook, findsABookByItsBarCode, takesBackByBarCode, prefersTheReaderOfTheBrowser, isAccessibleWhileItScans], {
    args: ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${join(folder, 'film.y4m')}`],
  });
  await run([logsIn, saysThatThereIsNoCamera]);
} finally {
  rmSync(folder, { recursive: true });
}
