import { call, Refusal, session, upload } from './api.js';

const byId = (id) => document.getElementById(id);
let nextBooks = null; // the address of the next page of the list

function say(text) {
  byId('status').textContent = text;
}

// show puts the page into the state that the session is in.
async function show() {
  byId('signed-out').hidden = session.open;
  byId('signed-in').hidden = !session.open;
  byId('books').replaceChildren();
  if (!session.open) return;
  const { data: user } = await call('GET', '/users/');
  byId('who').textContent = user.name;
  await list('/books/?sort=-created&limit=24');
}

async function list(path) {
  const { data: books, next } = await call('GET', path);
  byId('books').append(...books.map(card));
  nextBooks = next;
  byId('more').hidden = next === null;
  countBooks();
}

function countBooks() {
  byId('no-books').hidden = byId('books').childElementCount > 0;
}

const thumbnailSize = 150; // pixels along the longer side of what image_url opens

// fromHere is where the server that sent this page has a picture, by whatever name the API calls that server.
function fromHere(url) {
  return new URL(url, location.href).pathname;
}

// card shows a book. What people typed goes in as text only, never as HTML.
function card(book) {
  const item = byId('book').content.firstElementChild.cloneNode(true);
  const cover = item.querySelector('img');
  cover.src = fromHere(book.image_url);
  cover.srcset = Object.entries(book.covers)
    .map(([size, url]) => `${fromHere(url)} ${size / thumbnailSize}x`).join(', ');
  cover.alt = `Cover of ${book.title}`;
  item.querySelector('h3').textContent = book.title;
  item.querySelector('.category').textContent = book.category;
  item.querySelector('.description').textContent = book.description;
  const remove = item.querySelector('button');
  remove.setAttribute('aria-label', `Delete ${book.title}`);
  remove.addEventListener('click', () => attempt(() => removeBook(book, item)));
  return item;
}

async function removeBook(book, item) {
  if (!confirm(`Delete “${book.title}”?`)) return;
  await call('DELETE', `/books/${book._id}`);
  item.remove();
  countBooks();
  byId('books-title').focus(); // the button that had the focus is gone
  say(`“${book.title}” is deleted.`);
}

// attempt runs what a button or the page itself does, and says in words what went wrong.
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    explain(error, () => say(error.message));
  }
}

// explain tells of a refusal. One of the token itself ends the session; anything but a refusal is a fault of the page.
function explain(error, tell) {
  if (!(error instanceof Refusal)) throw error;
  if (session.open && (error.status === 401 || error.status === 403)) {
    leave();
    say(`${error.message} Please log in.`);
  } else {
    tell();
  }
}

function leave() {
  session.end();
  show();
  byId('log-in-email').focus();
}

// onSubmit calls send with a form that is submitted.
function onSubmit(id, send) {
  const form = byId(id);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit(form, form.querySelector('button'), send);
  });
}

// submit calls send once at a time and writes the refusals next to the fields they are about.
async function submit(form, button, send) {
  refuse(form, {}, '');
  say('');
  button.disabled = true;
  try {
    await send(form);
  } catch (error) {
    explain(error, () => refuse(form, error.fields, error.message));
  } finally {
    button.disabled = false;
  }
}

// refuse marks the invalid fields and puts the focus into the first; without one it says the rest below the form.
function refuse(form, fields, message) {
  const inputs = [...form.querySelectorAll('[name]')];
  for (const input of inputs) {
    const wrong = fields[input.name];
    const label = input.labels[0].firstChild.data.trim();
    input.setAttribute('aria-invalid', String(wrong !== undefined));
    byId(`${input.id}-error`).textContent = wrong ? `${label} ${wrong}.` : '';
  }
  const first = inputs.find((input) => input.name in fields);
  first?.focus();
  form.querySelector('[data-whole]').textContent = first ? '' : message;
}

async function logIn(email, password) {
  const { data: user } = await call('POST', '/users/login', { email, password });
  session.start(user.token);
  await show();
  byId('books-title').focus();
}

onSubmit('sign-up', async (form) => {
  const { name, email, password } = Object.fromEntries(new FormData(form));
  await call('POST', '/users/', { name, email, password });
  form.reset();
  await logIn(email, password);
  say(`Welcome, ${name}.`);
});

onSubmit('log-in', async (form) => {
  const { email, password } = Object.fromEntries(new FormData(form));
  await logIn(email, password);
  form.reset();
});

byId('forgot').addEventListener('click', ({ target }) => submit(byId('log-in'), target, async () => {
  const { message } = await call('POST', '/users/password/forgot', { email: byId('log-in-email').value });
  say(`${message}.`);
}));

onSubmit('add-book', async (form) => {
  const sent = byId('sent');
  sent.value = 0;
  sent.hidden = false;
  try {
    const { data: book } = await upload('/books/', new FormData(form), (share) => { sent.value = share; });
    form.reset();
    byId('books').prepend(card(book));
    countBooks();
    say(`“${book.title}” is in the library.`);
  } finally {
    sent.hidden = true;
  }
});

byId('log-out').addEventListener('click', () => attempt(async () => {
  await call('POST', '/auth/logout');
  leave();
  say('You are logged out.');
}));

byId('more').addEventListener('click', () => attempt(() => list(nextBooks)));

attempt(show);
