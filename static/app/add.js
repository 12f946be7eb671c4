// Adding books: by ISBN, typed, pasted or from a hand scanner, which types one and presses Enter; or by hand.
import { html, useRef, useState } from './preact.js';
import { get, post } from './api.js';
import { sendOrWait } from './offline.js';
import { navigate } from './router.js';
import { forgetBooks } from './booklist.js';
import { BookForm } from './book_form.js';
import { parseISBNs } from './isbn.js';
import { Scanner } from './scanner.js';
import { Failure, Field, Form, errorText, useAction, usePage } from './ui.js';
import { say } from './toasts.js';
import { t } from './i18n.js';

export function Add() {
  const lookUps = useLookUps();
  usePage(t('add'));
  return html`<h1>${t('add.title')}</h1><p><a href="/app/import">${t('add.import')}</a></p>
    <div class="columns">
      <section class="card-box"><h2>${t('add.isbn')}</h2><${ByISBN} lookUps=${lookUps} /></section>
      <section class="card-box"><h2>${t('add.search')}</h2><${BySearch} take=${lookUps.take} /></section>
      <section class="card-box"><h2>${t('add.hand')}</h2><${ByHand} /></section>
    </div>`;
}

// useLookUps looks up ISBNs one after the other. It returns { rows, take, add }: take looks up ISBNs, and add adds the book of a row.
function useLookUps() {
  const [rows, setRows] = useState([]);
  const waiting = useRef(Promise.resolve());
  const update = (isbn, part) => setRows((old) => old.map((row) => (row.isbn === isbn ? { ...row, ...part } : row)));

  const lookUp = async (isbn) => {
    try {
      const { data } = await get(`/isbn/${isbn}`);
      update(isbn, { state: 'found', book: data.book });
    } catch (error) {
      update(isbn, error.code === 'unreachable' ? { state: 'away' } : { state: 'failed', error });
    }
  };
  const take = (all) => {
    const isbns = all.filter((isbn) => !rows.some((row) => row.isbn === isbn));
    setRows((old) => [...isbns.map((isbn) => ({ isbn, state: 'looking' })), ...old]);
    for (const isbn of isbns) waiting.current = waiting.current.then(() => lookUp(isbn));
  };
  const add = async ({ isbn }) => {
    update(isbn, { state: 'adding' });
    try {
      const { data, waits } = await sendOrWait('POST', '/books/', { isbn }, isbn);
      forgetBooks();
      update(isbn, waits ? { state: 'waits' } : { state: 'added', added: data });
    } catch (error) {
      update(isbn, { state: 'failed', error });
    }
  };
  return { rows, take, add };
}

// ByISBN shows what the sources know about ISBNs. The person then adds what they want.
function ByISBN({ lookUps: { rows, take, add } }) {
  const [wrong, setWrong] = useState('');
  const input = useRef(null);
  const read = (event) => {
    event.preventDefault();
    const isbns = parseISBNs(input.current.value);
    setWrong(isbns.length === 0 && input.current.value.trim() !== '' ? t('add.no_isbn') : '');
    if (isbns.length === 0) return;
    take(isbns);
    input.current.value = '';
    input.current.focus();
  };
  const addAll = async () => {
    for (const row of rows.filter(({ state }) => state === 'found')) await add(row);
  };
  const onKeyDown = (event) => { if (event.key === 'Enter' && !event.shiftKey) read(event); };
  const found = rows.filter(({ state }) => state === 'found').length;
  return html`<form onSubmit=${read}>
    <${Field} label=${t('add.isbns')} hint=${t('add.isbns.hint')} error=${wrong}>
      ${(props) => html`<textarea ...${props} ref=${input} rows="3" autocomplete="off" onKeyDown=${onKeyDown}></textarea>`}<//>
    <div class="actions"><button>${t('add.look_up')}</button></div>
  </form>
  <${Scanner} onISBN=${(isbn) => take([isbn])} />
  <ul class="lookups" aria-live="polite">${rows.map((row) => html`<${LookUp} key=${row.isbn} row=${row} add=${() => add(row)} />`)}</ul>
  ${found > 0 && html`<button type="button" onClick=${addAll}>${t('add.all', { count: found })}</button>`}`;
}

// BySearch searches the sources by words. A book with an ISBN is looked up first, because the sources mix the editions of a work.
function BySearch({ take }) {
  const [books, setBooks] = useState(null);
  const search = async ({ q }) => setBooks((await get('/isbn', { q })).data.books.map(({ book }) => book));
  const [run, error] = useAction();
  const add = (book) => run(async () => addBook(book));
  return html`<${Form} submit=${t('search')} onSubmit=${search}>${(errors) => html`
    <${Field} label=${t('add.words')} name="q" type="search" autocomplete="off" error=${errors.q} />`}<//>
  <div role="status">${books?.length === 0 && t('add.nothing')}</div>
  <ul class="lookups">${(books ?? []).map((book) => html`<li key=${book.isbn ?? book.title}>
    <div><b dir="auto">${book.title}</b> <i dir="auto">${(book.authors ?? []).join(', ')}</i><small>${book.published}</small></div>
    ${book.isbn ? html`<button type="button" class="quiet small" onClick=${() => take([book.isbn])}
      aria-label=${t('add.look_up_one', { title: book.title })}>${t('add.look_up')}</button>`
    : html`<button type="button" class="quiet small" onClick=${() => add(book)} aria-label=${t('add.one', { title: book.title })}>${t('add')}</button>`}
  </li>`)}</ul>
  ${error && html`<${Failure} error=${error} />`}`;
}

function LookUp({ row, add }) {
  const { isbn, state, book, added, error } = row;
  return html`<li data-state=${state}>
    <div>${book ? html`<b dir="auto">${book.title}</b> <i dir="auto">${(book.authors ?? []).join(', ')}</i>` : html`<b>${isbn}</b>`}
      <small>${state === 'failed' ? errorText(error) : t(`add.${state}`)}</small></div>
    ${['found', 'away'].includes(state) && html`<button type="button" class="quiet small" onClick=${add} aria-label=${t('add.one', { title: book?.title ?? isbn })}>${t('add')}</button>`}
    ${added && html`<a href="/app/books/${added._id}">${t('open')}</a>`}
  </li>`;
}

// addBook adds a book and opens its page.
async function addBook(body) {
  const { data } = await post('/books/', body);
  forgetBooks();
  navigate(`/app/books/${data._id}`);
  say(t('added', { title: data.title }));
}

function ByHand() {
  const [file, setFile] = useState(null);
  const add = async (fields) => {
    const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
    await addBook(file ? formData(known, file) : known);
  };
  return html`<${BookForm} submit=${t('add.submit')} onSubmit=${add}>${(errors) => html`
    <div class="wide"><${Field} label=${t('cover')} hint=${t('optional')} error=${errors.cover_image}>${(props) => html`<input ...${props} name="cover_image"
      type="file" accept="image/jpeg,image/png,image/gif,image/webp" onChange=${(event) => setFile(event.target.files[0] ?? null)} />`}<//></div>`}<//>`;
}

// formData returns the fields of a book as a form with its cover. A list is one field of the form for each element.
function formData(fields, file) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of [value].flat()) form.append(name, one);
  }
  form.append('cover_image', file);
  return form;
}
