// Tests the web app in headless Chromium, against a running demo. browser.mjs names the variables that it reads, and:
//
//   DEMO_EMAIL, DEMO_PASSWORD  an administrator of the demo

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { base, fits, isAccessible, isReachableByKeyboard, logsInAgain, run, settled } from './browser.mjs';

const { DEMO_EMAIL, DEMO_PASSWORD } = process.env;
const exampleCover = fileURLToPath(new URL('../static/example-cover.jpg', import.meta.url));
const title = 'The Time Machine';
const pages = ['/app/', '/app/?view=table', '/app/add', '/app/reading', '/app/reading?show=read', '/app/reading?show=year', '/app/loans',
  '/app/shelves', '/app/shelves/favourites', '/app/import', '/app/duplicates', '/app/trash', '/app/settings', '/app/administration', '/app/administration?show=invitations',
  '/app/administration?show=audit', '/app/administration?show=server', '/app/nothing'];

// open opens an address of the app and waits until it has loaded its data.
async function open(page, path) {
  await page.goto(base + path);
  await settled(page);
}

const count = (page) => page.locator('.found [role=status]');

async function logInIsAccessible(page) {
  await isAccessible(page, async () => {
    await page.goto(`${base}/`);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText(/^E-mail must be/).waitFor();
  });
  await isReachableByKeyboard(page);
}

async function refusesAWrongPassword(page) {
  await page.getByLabel('E-mail').fill(DEMO_EMAIL);
  await page.getByLabel('Password').fill('Wrong@123');
  await page.keyboard.press('Enter');
  await page.getByText('The e-mail address or the password is wrong.').waitFor();
}

async function logsIn(page) {
  await page.getByLabel('E-mail').fill(DEMO_EMAIL);
  await page.getByLabel('Password').fill(DEMO_PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByText(/^\d+ books$/).waitFor();
  assert.equal(new URL(page.url()).pathname, '/app/');
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  assert.equal(kept, '[{},{},""]', 'scripts can read something that is kept');
}

async function renewsTheTokenUnnoticed(page) {
  const cookies = await page.context().cookies();
  await page.context().clearCookies({ name: 'bookplate' });
  await open(page, '/app/reading');
  await page.getByRole('heading', { name: 'Reading' }).waitFor();
  assert.equal((await page.context().cookies()).length, cookies.length);
}

async function keepsWhatWasTypedWhenTheSessionEnds(page) {
  await open(page, '/app/add');
  await page.getByLabel('Title', { exact: true }).fill('Half typed');
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Add the book' }).click();
  await logsInAgain(page);
  await page.getByText('“Half typed” is in the library.').waitFor();
  await page.getByRole('button', { name: 'Move to trash' }).click();
  await page.getByText('“Half typed” is in the trash.').waitFor();
}

async function everyPageIsAccessible(page) {
  for (const path of pages) await isAccessible(page, () => open(page, path));
}

async function everyPageFitsAPhone(page) {
  const size = page.viewportSize();
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 844 });
    for (const path of pages) {
      await open(page, path);
      await fits(page);
    }
  }
  await isAccessible(page, () => open(page, '/app/'));
  await page.setViewportSize(size);
}

async function everyPageIsReachableByKeyboard(page) {
  for (const path of ['/app/', '/app/add', '/app/reading?show=year', '/app/loans', '/app/settings', '/app/administration']) {
    await open(page, path);
    await isReachableByKeyboard(page);
  }
}

async function searchesWhileTyping(page) {
  await open(page, '/app/');
  await page.getByRole('button', { name: 'Books of everybody' }).click();
  await page.waitForURL('**/app/?scope=all');
  await page.keyboard.press('/');
  await page.keyboard.type('wool');
  await page.getByRole('link', { name: /Mrs Dalloway/ }).waitFor();
  await count(page).filter({ hasText: /^\d books$/ }).waitFor();
  assert.equal(new URL(page.url()).search, '?scope=all&q=wool');
  await page.keyboard.press('Escape');
  await page.waitForURL('**/app/?scope=all');
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('[type=search]').value === '');
  await page.goForward();
}

async function filtersByFacets(page) {
  await open(page, '/app/?scope=all');
  const all = await count(page).textContent();
  await page.locator('.facets').getByRole('button', { name: /^poetry/ }).click();
  await page.waitForURL('**/app/?scope=all&category=poetry');
  await page.waitForFunction((before) => document.querySelector('.found [role=status]').textContent !== before, all);
  await page.getByRole('button', { name: 'Remove poetry' }).click();
  await count(page).filter({ hasText: all }).waitFor();
}

async function movesByArrowKeys(page) {
  await open(page, '/app/?sort=title');
  await page.getByRole('searchbox').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.index), '2');
  await page.keyboard.press('End');
  const last = Number((await count(page).textContent()).match(/\d+/)) - 1;
  await page.waitForFunction((index) => document.activeElement.dataset.index === String(index), last);
  await page.keyboard.press('Home');
  await page.waitForFunction(() => document.activeElement.dataset.index === '0');
  const name = await page.evaluate(() => document.activeElement.querySelector('b').textContent);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name, level: 1 }).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForURL('**/app/?sort=title');
}

async function comesBackToTheSamePlace(page) {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, '/app/?scope=all');
  await page.mouse.wheel(0, 2500);
  await page.waitForFunction(() => scrollY > 2000);
  await settled(page);
  const before = await page.evaluate(() => scrollY);
  await page.evaluate(() => document.elementFromPoint(60, innerHeight / 3).closest('a').click());
  await page.getByRole('button', { name: /Edit|Choose/ }).first().waitFor();
  await page.goBack();
  await page.waitForFunction((y) => Math.abs(scrollY - y) < 2, before);
  await page.setViewportSize({ width: 1280, height: 800 });
}

async function addsByHand(page) {
  await open(page, '/app/add');
  await page.getByRole('button', { name: 'Add the book' }).click();
  await page.getByText('Title is required.').waitFor();
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.getByLabel('Authors').fill('H. G. Wells');
  await page.getByLabel('Category').selectOption('science');
  await page.getByLabel('Series', { exact: true }).fill('Journeys');
  await page.getByLabel('Number in the series').fill('1');
  await page.getByLabel('Pages').fill('118');
  await page.getByLabel('Tags').fill('time travel, classic');
  await page.getByRole('button', { name: 'Add the book' }).click();
  await page.getByText(`“${title}” is in the library.`).waitFor();
  await page.getByRole('heading', { name: title, level: 1 }).waitFor();
}

async function changesTheCover(page) {
  await page.getByLabel('Choose a picture').setInputFiles(exampleCover);
  const cover = page.getByRole('img', { name: `Cover of ${title}` });
  await cover.evaluate((image) => image.decode()); // rejects if the picture does not load
  await page.getByLabel('Choose a picture').setInputFiles({ name: 'x.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') });
  await page.getByRole('alert').waitFor();
  await page.getByRole('button', { name: 'Remove the cover' }).click();
  await cover.waitFor({ state: 'detached' });
  const bytes = readFileSync(exampleCover).toString('base64');
  await page.evaluate((data) => { // as a paste does
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], 'cover.jpg', { type: 'image/jpeg' }));
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer }));
  }, bytes);
  await cover.evaluate((image) => image.decode());
}

// The sources are other servers, so the answers of the look-up are made up here; the book has a cover, which the server has made.
async function findsACover(page) {
  const path = new URL(page.url()).pathname.replace('/app', '');
  const find = page.getByRole('button', { name: 'Find a cover' });
  assert.equal(await find.count(), 0, 'the book has no ISBN, by which a cover could be found');
  await page.request.patch(base + path, { data: { isbn: '9780141439976' } });
  await open(page, `/app${path}`);
  for (const [status, code, words] of [
    [404, 'cover_unknown', 'No source has a cover for this ISBN.'],
    [403, 'lookup_off', 'This server does not look up ISBNs.'],
    [503, 'sources_out_of_reach', 'The sources do not answer.'],
  ]) {
    await page.route('**/cover', (route) => route.fulfill({ status, json: { message: 'x', data: null, code, error: 'x' } }));
    await find.press('Enter');
    await page.getByRole('alert').filter({ hasText: words }).waitFor();
    await page.unroute('**/cover');
  }
  await isAccessible(page, async () => {}); // in both themes, with the error
  await page.getByRole('button', { name: 'Remove the cover' }).click();
  const cover = page.getByRole('img', { name: `Cover of ${title}` });
  await cover.waitFor({ state: 'detached' });
  await page.route('**/cover', async (route) => {
    const request = route.request();
    assert.deepEqual([request.method(), request.postData()], ['POST', null]);
    const buffer = readFileSync(exampleCover);
    const response = await page.request.put(base + path + '/cover', {
      multipart: { cover_image: { name: 'c.jpg', mimeType: 'image/jpeg', buffer } }, headers: { 'If-Match': await request.headerValue('If-Match') },
    });
    await route.fulfill({ response });
  });
  await find.press('Enter');
  await page.locator('.toast', { hasText: 'A cover is found.' }).waitFor();
  await cover.evaluate((image) => image.decode());
  assert.ok(await find.evaluate((button) => button === document.activeElement), 'the button has lost the focus');
  await page.unroute('**/cover');
}

async function editsInPlace(page) {
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Subtitle').fill('An Invention');
  await page.getByLabel('Published').fill('once');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText(/^Published must be a date/).waitFor();
  await page.getByLabel('Published').fill('1895');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('An Invention').waitFor();
}

// elsewhere changes the book as another tab does.
async function elsewhere(page, fields) {
  const status = await page.evaluate(async ([path, body]) => {
    const answer = await fetch(path, { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body });
    return answer.status;
  }, [new URL(page.url()).pathname.replace('/app', ''), JSON.stringify(fields)]);
  assert.equal(status, 200);
}

async function showsBothVersionsOfAConflict(page) {
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Subtitle').fill('Mine');
  await elsewhere(page, { subtitle: 'Theirs' });
  await page.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Theirs', { exact: true }).last().waitFor();
  await dialog.getByRole('button', { name: 'Keep mine' }).click();
  await page.locator('.subtitle', { hasText: 'Mine' }).waitFor();
}

async function keepsChangesOfOtherFields(page) {
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Publisher').fill('Mine and Sons');
  await elsewhere(page, { location: 'Their attic' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText(/Mine and Sons/).waitFor();
  await page.getByText('Their attic').waitFor();
}

// Lending the book loads it again, in the version that was made elsewhere.
async function noticesAConflictAfterLoadingAgain(page) {
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Subtitle').fill('Mine again');
  await elsewhere(page, { subtitle: 'Theirs again' });
  await page.getByRole('button', { name: 'Lend' }).click();
  await page.getByLabel('To', { exact: true }).fill('Grace');
  await page.getByRole('button', { name: 'Lend' }).click();
  await page.getByText('With Grace.', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Theirs again', { exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Keep mine' }).click();
  await page.locator('.subtitle', { hasText: 'Mine again' }).waitFor();
  await page.getByRole('button', { name: 'Take back' }).click();
  await page.getByText(`“${title}” is back.`).waitFor();
}

async function recordsReading(page) {
  const saved = () => page.locator('.card-box').filter({ hasText: 'My reading' }).getByText('Saved.').waitFor();
  await page.getByRole('radio', { name: 'Reading', exact: true }).check();
  await saved();
  await page.getByLabel('Page, of 118').fill('59');
  await page.keyboard.press('Tab');
  await saved();
  await page.getByLabel('Rating').focus();
  for (let i = 0; i < 7; i++) await page.keyboard.press('ArrowRight');
  await page.getByText('3.5', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Add dates' }).click();
  await page.getByLabel('Started').fill('2026-01-02');
  await page.getByRole('button', { name: 'Read again' }).waitFor();
  await page.getByLabel('Notes').fill('Weena!');
  await page.keyboard.press('Tab');
  await saved();
  await page.reload();
  await page.waitForFunction(() => document.querySelector('.card-box textarea')?.value === 'Weena!');
  assert.deepEqual([await page.getByLabel('Rating').inputValue(), await page.getByLabel('Started').inputValue()], ['3.5', '2026-01-02']);
}

async function lendsAndTakesBack(page) {
  await page.getByRole('button', { name: 'Lend' }).click();
  await page.getByRole('button', { name: 'Lend' }).click();
  await page.getByText('To is required.').waitFor();
  await page.getByLabel('To', { exact: true }).fill('Grace');
  await page.getByRole('button', { name: 'Lend' }).click();
  await page.getByText('With Grace.', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Take back' }).click();
  await page.getByText(`“${title}” is back.`).waitFor();
}

// A borrower with an account is reminded by mail, once a day. One without has no such button.
async function remindsABorrower(page) {
  const post = async (path, data) => {
    const answer = await page.request.post(base + path, { data });
    assert.ok(answer.ok(), `${path} was answered ${answer.status()}`);
    return (await answer.json()).data;
  };
  const book = new URL(page.url()).pathname.replace('/app', '');
  const email = `${crypto.randomUUID()}@example.com`;
  const named = await post(`${book}/loans`, { to: 'Grace' });
  await open(page, '/app/loans');
  await page.getByRole('button', { name: `Take back ${title}` }).waitFor();
  const remind = page.getByRole('button', { name: new RegExp(`^Remind .* of ${title}$`) });
  assert.equal(await remind.count(), 0);
  await post(`/loans/${named._id}/return`);
  await post('/users/', { name: 'Hedy Lamarr', email, password: 'Secret-1' });
  const lent = await post(`${book}/loans`, { to: email });
  await isAccessible(page, () => open(page, '/app/loans'));
  await page.setViewportSize({ width: 320, height: 844 });
  await remind.waitFor();
  await fits(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await remind.press('Enter');
  await page.locator('.toast', { hasText: 'Hedy Lamarr gets a reminder by mail.' }).waitFor();
  await remind.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'got a reminder less than a day ago' }).waitFor();
  await isReachableByKeyboard(page);
  await post(`/loans/${lent._id}/return`);
  await open(page, `/app${book}`);
}

async function putsOnShelves(page) {
  await page.getByRole('button', { name: 'Choose shelves' }).click();
  await page.getByLabel('New shelf').fill('attic');
  await page.getByRole('button', { name: 'Put on it' }).click();
  const attic = page.getByRole('checkbox', { name: 'attic' });
  await attic.waitFor();
  assert.ok(await attic.isChecked());
}

async function ordersAShelf(page) {
  await open(page, '/app/shelves/favourites');
  const titles = () => page.locator('.rows b').allTextContents();
  const [first, second, third, ...rest] = await titles();
  await page.getByRole('button', { name: `Move ${first}` }).press('ArrowDown');
  await page.getByText(`“${first}” is at place 2.`).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), `Move ${first}`);
  await page.keyboard.press('ArrowDown');
  await page.getByText(`“${first}” is at place 3.`).waitFor();
  await settled(page);
  await open(page, '/app/shelves/favourites');
  assert.deepEqual(await titles(), [second, third, first, ...rest]);

  const box = (title) => page.getByRole('button', { name: `Move ${title}` }).boundingBox();
  const from = await box(first), to = await box(second);
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2, to.y, { steps: 5 });
  await page.mouse.up();
  await page.getByText(`“${first}” is at place 1.`).waitFor();
  await settled(page);
  await open(page, '/app/shelves/favourites');
  assert.deepEqual(await titles(), [first, second, third, ...rest]);
}

async function bookIsAccessible(page) {
  const address = new URL(page.url()).pathname;
  await isAccessible(page, () => open(page, address));
  await isReachableByKeyboard(page);
  await page.setViewportSize({ width: 320, height: 844 });
  await fits(page);
  await page.getByRole('button', { name: 'Edit' }).click();
  await fits(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await isAccessible(page, async () => {
    await open(page, address);
    await page.keyboard.press('e');
    await page.getByLabel('Subtitle').waitFor();
  });
  await page.getByRole('button', { name: 'Cancel' }).click();
}

async function undoesTheTrash(page) {
  await page.getByRole('button', { name: 'Move to trash' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('heading', { name: title, level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Move to trash' }).click();
  await page.getByText(`“${title}” is in the trash.`).waitFor();
  await open(page, '/app/trash');
  await page.getByRole('button', { name: `Delete for ever: ${title}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete for ever' }).click();
  await page.getByRole('button', { name: `Restore ${title}` }).waitFor({ state: 'detached' });
}

// The sources of ISBN look-up are other servers, so their answers are made up here.
async function addsByISBN(page) {
  await page.route('**/isbn/9780141439518', (route) => route.fulfill({ json: {
    message: 'successfully found a book', data: { book: { title: 'Found', authors: ['Somebody'], isbn: '9780141439518' }, sources: {}, cover_url: null, out_of_reach: [] },
  } }));
  await page.route('**/isbn/9780000000002', (route) => route.fulfill({ status: 404, json: { message: 'Not Found', data: null, code: 'isbn_unknown' } }));
  await page.route('**/books/', (route) => route.fulfill({ status: 201, json: { message: 'ok', data: { _id: '1', title: 'Found' } } }));
  await open(page, '/app/add');
  await page.getByLabel('ISBN').first().fill('978-0-14-143951-8\n9780000000002');
  await page.keyboard.press('Enter');
  await page.getByText('No source knows this ISBN').waitFor();
  await page.getByRole('button', { name: 'Add Found' }).click();
  await page.getByText('In the library').waitFor();
  await page.unroute('**/books/');
}

async function searchesTheSources(page) {
  await page.route('**/isbn?q=*', (route) => route.fulfill({ json: {
    message: 'successfully searched the sources',
    data: { out_of_reach: [], books: [
      { book: { title: 'An edition', authors: ['Somebody'], isbn: '9780141439518' }, source: 'openlibrary', cover_url: null },
      { book: { title: 'Without a number' }, source: 'openlibrary', cover_url: null },
    ] },
  } }));
  await open(page, '/app/add');
  await page.getByLabel('Words of the title').fill('something');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Look up An edition' }).click();
  await page.getByRole('button', { name: 'Add Found' }).waitFor();
  await isAccessible(page, async () => {}); // in both themes, with results
  await page.getByRole('button', { name: 'Add Without a number' }).click();
  await page.getByRole('heading', { name: 'Without a number' }).waitFor();
  await page.getByRole('button', { name: 'Move to trash' }).click();
  await page.waitForURL(`${base}/app/`);
}

// chooseBooks searches for books in the library and begins to choose several.
async function chooseBooks(page, query) {
  await open(page, `/app/?${query}`);
  await page.getByRole('button', { name: 'Choose several' }).click();
  await page.getByRole('region', { name: 'Chosen books' }).waitFor();
}

async function changesSeveralBooks(page) {
  await chooseBooks(page, 'q=several+of+many&sort=title');
  await page.getByRole('checkbox', { name: /Several of many 1/ }).click();
  await page.getByRole('checkbox', { name: /Several of many 3/ }).click({ modifiers: ['Shift'] });
  await page.getByText('3 books chosen').waitFor();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press(' ');
  await page.getByText('4 books chosen').waitFor();
  await isAccessible(page, async () => {}); // in both themes, while books are chosen
  await page.getByRole('button', { name: 'Add a tag' }).click();
  await page.getByRole('dialog').getByLabel('Tag').fill('chosen');
  await page.getByRole('dialog').getByRole('button', { name: 'Add a tag' }).click();
  await page.getByText('4 books have the tag.').waitFor();

  await chooseBooks(page, 'tag=chosen&view=table');
  for (const box of await page.getByRole('checkbox', { name: /Several of many/ }).all()) await box.click();
  await page.getByRole('button', { name: 'Set the status' }).click();
  await page.getByRole('dialog').getByLabel('Status').selectOption('Read');
  await page.getByRole('dialog').getByRole('button', { name: 'Set the status' }).click();
  await page.getByText('4 books have the status.').waitFor();

  await chooseBooks(page, 'tag=chosen');
  for (const box of await page.getByRole('checkbox', { name: /Several of many/ }).all()) await box.click();
  await page.getByRole('button', { name: 'Move to trash' }).click();
  await page.getByText('4 books are in the trash.').waitFor();
  await page.getByText('No book matches.').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('4 books are restored.').waitFor();
  await count(page).filter({ hasText: '4 books' }).waitFor();
}

async function importsAFile(page) {
  const lines = Array.from({ length: 6 }, (_, i) => `Several of many ${i},Ada Lovelace,B${i},nonsense`);
  const file = { name: 'books.csv', mimeType: 'text/csv', buffer: Buffer.from(['Titel der Ware,author,tags,status', ...lines].join('\n')) };
  await open(page, '/app/add');
  await page.getByRole('link', { name: 'Import a file of another program' }).click();
  await page.getByRole('button', { name: 'Check the file' }).click();
  await page.getByText('File is missing').waitFor();
  await page.getByLabel('File').setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer: readFileSync(exampleCover) });
  await page.getByRole('button', { name: 'Check the file' }).click();
  await page.getByText('the file is a picture').waitFor();
  await page.getByRole('button', { name: 'Choose another file' }).click();
  await page.getByLabel('File').setInputFiles(file);
  await page.getByRole('button', { name: 'Check the file' }).click();
  await page.getByText('Failed: 6').waitFor();
  await page.getByLabel('Field of the column Titel der Ware').selectOption('Title');
  await page.getByText('Added: 6').waitFor();
  await page.getByRole('rowheader', { name: 'Several of many 5' }).waitFor();
  await isAccessible(page, async () => {});
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.waitForURL('**/app/import/*');
  await page.getByText('Finished').waitFor();
  await page.reload();
  await page.getByLabel('Result').selectOption(/Added/);
  await page.getByRole('rowheader').nth(5).waitFor();
  assert.equal(await page.getByRole('rowheader').count(), 6);
  await isAccessible(page, async () => {});
}

async function mergesDuplicates(page) {
  for (const isbn of ['9780141439587', '9780141439600']) {
    const answer = await page.request.post(`${base}/books/`, { data: { title: 'Twice in the library', authors: ['Ada Lovelace'], isbn } });
    assert.equal(answer.status(), 201);
  }
  await open(page, '/app/duplicates');
  const group = page.getByRole('region', { name: 'Twice in the library', exact: true });
  await group.getByRole('radio').nth(1).check();
  await group.getByRole('button', { name: 'Merge 1 book' }).click();
  await page.getByText('“Twice in the library” has everything of the merged books.').waitFor();
  await group.waitFor({ state: 'hidden' });
}

async function saysThatTheServerIsAway(page) {
  await open(page, '/app/');
  await page.route('**/books/**', (route) => route.abort('failed'));
  await page.getByRole('searchbox').fill('emma');
  await page.getByText('The server does not answer').first().waitFor();
  await page.unroute('**/books/**');
  await page.locator('.books').getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('link', { name: /Emma/ }).or(page.getByText('No book matches.')).first().waitFor();
}

async function showsHostileTextAsText(page) {
  await open(page, '/app/');
  const hostile = `<script>alert(1)</script><img src=x onerror=alert(1)> \u202eכותר 📚 ${'long'.repeat(100)}`;
  const id = await page.evaluate(async (text) => {
    const body = JSON.stringify({ title: text, category: 'horror' });
    const answer = await fetch('/books/', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    return (await answer.json()).data._id;
  }, hostile);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ['/app/', '/app/?view=table', `/app/books/${id}`]) {
    await open(page, path);
    await page.getByText('<script>alert(1)</script>').filter({ visible: true }).first().waitFor();
    await fits(page);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('button', { name: 'Move to trash' }).click();
}

async function scrollsAThousandBooks(page) {
  await page.evaluate(async () => {
    const add = (i) => fetch('/books/', {
      method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ title: `Volume ${String(i).padStart(4, '0')}`, category: 'horror', authors: ['A Machine'] }),
    });
    for (let i = 0; i < 1000; i += 20) await Promise.all(Array.from({ length: 20 }, (_, j) => add(i + j)));
  });
  await open(page, '/app/?author=A+Machine&sort=title');
  await count(page).filter({ hasText: '1,000 books' }).waitFor();
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.getByRole('link', { name: /Volume 0999/ }).waitFor();
  const rendered = await page.locator('.grid li').count();
  assert.ok(rendered < 60, `${rendered} books are in the document`);
}

async function changesSettings(page) {
  await open(page, '/app/settings');
  await page.getByLabel('Name', { exact: true }).fill('X');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText(/^Name must have/).waitFor();
  await page.getByText('This session').waitFor();
}

// The languages are chosen by the browser's preference, and by the person. No page is too narrow for the longest words.
async function speaksOtherLanguages(page) {
  await page.context().setExtraHTTPHeaders({ 'Accept-Language': 'fr-CA,fr;q=0.9' });
  await open(page, '/app/settings');
  await page.getByRole('heading', { name: 'Réglages' }).waitFor();
  await page.getByLabel('Langue').selectOption('Deutsch');
  await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
  const size = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 844 });
  for (const path of pages) {
    await page.goto(base + path);
    await page.locator('h1').first().waitFor({ state: 'attached' });
    await page.waitForLoadState('networkidle');
    await fits(page);
  }
  await page.setViewportSize(size);
  await open(page, '/app/settings');
  await page.getByLabel('Sprache').selectOption('English');
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  await page.context().clearCookies({ name: 'bookplate_language' });
  await page.context().setExtraHTTPHeaders({});
}

async function administers(page) {
  await open(page, '/app/administration');
  const role = page.getByLabel('Role of Mira Okafor');
  await role.selectOption('librarian');
  await page.getByText('Saved.').waitFor();
  await role.selectOption('user');
  await open(page, '/app/administration?show=invitations');
  await page.getByRole('button', { name: 'Make an invitation' }).click();
  assert.match(await page.getByLabel('The link').inputValue(), /invitation=/);
}

async function logsOut(page) {
  await open(page, '/app/');
  await page.locator('summary', { hasText: 'Account of' }).click();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  assert.deepEqual(await page.context().cookies(), []);
}

await run([
  logInIsAccessible, refusesAWrongPassword, logsIn, renewsTheTokenUnnoticed, keepsWhatWasTypedWhenTheSessionEnds,
  everyPageIsAccessible, everyPageFitsAPhone, everyPageIsReachableByKeyboard,
  searchesWhileTyping, filtersByFacets, movesByArrowKeys, comesBackToTheSamePlace, ordersAShelf,
  addsByHand, changesTheCover, findsACover, editsInPlace, showsBothVersionsOfAConflict, keepsChangesOfOtherFields,
  noticesAConflictAfterLoadingAgain, recordsReading, lendsAndTakesBack, remindsABorrower, putsOnShelves,
  bookIsAccessible, undoesTheTrash, addsByISBN, searchesTheSources, importsAFile, changesSeveralBooks, mergesDuplicates, saysThatTheServerIsAway, showsHostileTextAsText, changesSettings, speaksOtherLanguages, administers,
  scrollsAThousandBooks, logsOut,
]);
