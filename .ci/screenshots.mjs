// Makes the screenshots of docs/, against a running demo. browser.mjs names the variables that it reads, and:
//
//   DEMO_EMAIL, DEMO_PASSWORD  an account of the demo
//   FOLDER                     where the screenshots go

import { join } from 'node:path';
import { base, logsIn, run } from './browser.mjs';

const { FOLDER } = process.env;
const phone = { width: 390, height: 844 };

// shot returns a check that opens a page, waits for a text on it, and makes a screenshot.
function shot(name, path, text, { colorScheme = 'light', size = { width: 1280, height: 800 } } = {}) {
  return async function saves(page) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    await page.goto(base + (typeof path === 'function' ? await path(page) : path));
    await page.getByText(text).first().waitFor();
    await page.waitForLoadState('networkidle');
    await page.evaluate(() => Promise.all([...document.images].filter((image) => !image.complete).map((image) => image.decode().catch(() => {}))));
    await page.screenshot({ path: join(FOLDER, `${name}.jpg`), type: 'jpeg', quality: 80 });
  };
}

// aBook returns the address of the page of a book that was read.
async function aBook(page) {
  const { data } = await page.evaluate(async () => (await fetch('/books/?status=read&rating=4..&sort=title&limit=1')).json());
  return `/app/books/${data[0]._id}`;
}

await run([
  logsIn,
  shot('library', '/app/?scope=all&sort=-rating', /^\d+ books$/),
  shot('table-dark', '/app/?view=table&sort=-rating', /^\d+ books$/, { colorScheme: 'dark' }),
  shot('book', aBook, 'Edit'),
  shot('year', '/app/reading?show=year', 'Categories'),
  shot('loans', '/app/loans', 'Overdue'),
  shot('phone', '/app/?sort=-rating', /^\d+ books$/, { size: phone }),
], { deviceScaleFactor: 1 });
