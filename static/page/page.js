import { APIError, call, session, upload } from './api.js';

const byId = (id) => document.getElementById(id);
let nextBooks = null; // the path of the next page of the list

function say(text) {
  byId('status').textContent = text;
}

// show shows the page of a signed-in or a signed-out user.
async function show() {
  byId('signed-out').hidden = session.open;
  byId('signed-in').hidden = !session.open;
  byId('books').replaceChildren();
  if (!session.open) return;
  const { data: user } = await call('GET', '/users/');
  byId('user-name').textContent = user.name;
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

const thumbnailSize = 150; // pixels along the longer side of image_url

// localPath returns the path of a picture's URL, because the API may know the server by another host name than this page.
function localPath(url) {
  return new URL(url, location.href).pathname;
}

// card returns the list item of a book. The book's fields are inserted as text, never as HTML.
function card(book) {
  const item = byId('book').content.firstElementChild.cloneNode(true);
  const cover = item.querySelector('img');
  cover.src = localPath(book.image_url);
  cover.srcset = Object.entries(book.covers)
    .map(([size, url]) => `${localPath(url)} ${size / thumbnailSize}x`).join(', ');
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

// attempt runs an action and shows its error.
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    handleError(error, () => say(error.message));
  }
}

// handleError shows an error of the API by calling showError, or ends the session if the token was rejected. It throws other
// errors again, because they are faults of the page.
function handleError(error, showError) {
  if (!(error instanceof APIError)) throw error;
  if (session.open && (error.status === 401 || error.status === 403)) {
    endSession();
    say(`${error.message} Please log in.`);
  } else {
    showError();
  }
}

function endSession() {
  session.end();
  show();
  byId('log-in-email').focus();
}

// onSubmit calls send with the form when it is submitted.
function onSubmit(id, send) {
  const form = byId(id);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit(form, form.querySelector('button'), send);
  });
}

// submit calls send and shows errors next to their fields. The button is disabled meanwhile.
async function submit(form, button, send) {
  showErrors(form, {}, '');
  say('');
  button.disabled = true;
  try {
    await send(form);
  } catch (error) {
    handleError(error, () => showErrors(form, error.fields, error.message));
  } finally {
    button.disabled = false;
  }
}

// showErrors marks the invalid fields and focuses the first one. Otherwise it shows, below the form, what is wrong with a
// field that has no input, such as the invitation, or else the message.
function showErrors(form, fields, message) {
  const inputs = [...form.querySelectorAll('[name]')];
  for (const input of inputs) {
    const wrong = fields[input.name];
    const label = input.labels[0].firstChild.data.trim();
    input.setAttribute('aria-invalid', String(wrong !== undefined));
    byId(`${input.id}-error`).textContent = wrong ? `${label} ${wrong}.` : '';
  }
  const first = inputs.find((input) => input.name in fields);
  first?.focus();
  const [other] = Object.entries(fields).map(([name, reason]) => `The ${name} ${reason}.`);
  form.querySelector('[data-whole]').textContent = first ? '' : other ?? message;
}

async function logIn(email, password) {
  const { data: user } = await call('POST', '/users/login', { email, password });
  session.start(user.token);
  await show();
  byId('books-title').focus();
}

onSubmit('sign-up', async (form) => {
  const { name, email, password } = Object.fromEntries(new FormData(form));
  const invitation = new URLSearchParams(location.search).get('invitation') ?? undefined;
  await call('POST', '/users/', { name, email, password, invitation });
  history.replaceState(null, '', '/'); // the invitation is used up
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
  endSession();
  say('You are logged out.');
}));

byId('more').addEventListener('click', () => attempt(() => list(nextBooks)));

attempt(show);
