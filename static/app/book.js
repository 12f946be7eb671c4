// The page of a book.
import { html, useState } from './preact.js';
import { get, patch, post, queryString, remove } from './api.js';
import { navigate } from './router.js';
import { forgetBooks } from './booklist.js';
import { BookCover } from './book_cover.js';
import { BookForm, bookChanges } from './book_form.js';
import { Conflict } from './book_conflict.js';
import { BookLoan } from './book_loan.js';
import { BookReading, changedReading } from './book_reading.js';
import { BookShelves } from './book_shelves.js';
import { Related } from './book_related.js';
import { useOffline, waitingFor } from './offline.js';
import { Loaded, errorText, useLoad, usePage } from './ui.js';
import { useKey } from './keys.js';
import { say } from './toasts.js';
import { formatDate, languageName, t } from './i18n.js';

export function BookPage({ item: id, user }) {
  useOffline();
  const waiting = () => waitingFor(user, `/books/${id}/reading`);
  const waits = waiting().length > 0;
  // What waits is shown as if it were saved. When it is sent or refused, the book is loaded again.
  const loaded = useLoad(async () => {
    const { data, etag } = await get(`/books/${id}`);
    const changes = waiting();
    if (changes.length > 0) data.reading = changedReading(data.reading, ...changes);
    return { book: data, etag };
  }, [id, waits]);
  const onChange = (book, etag = loaded.data.etag) => {
    forgetBooks();
    loaded.setData({ book, etag });
  };
  const reload = () => {
    forgetBooks();
    return loaded.reload();
  };
  return html`<${Loaded} of=${loaded}>${({ book, etag }) => html`<${Book} book=${book} etag=${etag} user=${user} waits=${waits}
    onChange=${onChange} reload=${reload} />`}<//>`;
}

// onChange shows another version of the book, which has the same ETag if none is given. reload asks the server for it.
// waits says whether a change of the reading waits.
function Book({ book, etag, user, waits, onChange, reload }) {
  const [editing, setEditing] = useState(false);
  const editable = !book.owner || user.role !== 'user';
  usePage(book.title);
  useKey('Escape', () => (editing ? setEditing(false) : goBack()));
  useKey('e', () => editable && setEditing(true));
  return html`<article class="book">
    <${BookCover} book=${book} etag=${etag} editable=${editable} onChange=${onChange} reload=${reload} />
    <div class="about">
      ${editing ? html`<${Edit} book=${book} etag=${etag} close=${() => setEditing(false)} onChange=${onChange} />`
    : html`<${Facts} book=${book} />
        ${editable && html`<div class="actions">
          <button type="button" onClick=${() => setEditing(true)}>${t('edit')}</button>
          <button type="button" class="quiet" onClick=${() => moveToTrash(book, etag)}>${t('to_trash')}</button>
        </div>`}`}
      <div class="cards">
        <${BookReading} book=${book} waits=${waits} onChange=${(reading) => onChange({ ...book, reading })} />
        ${!book.owner && html`<${BookLoan} book=${book} reload=${reload} />`}
        <${BookShelves} book=${book} />
      </div>
    </div>
  </article>
  <${Related} book=${book} />`;
}

// goBack returns to the page from which the book was opened. Without one, it opens the library.
function goBack() {
  if (history.state) history.back();
  else navigate('/app/');
}

function Facts({ book }) {
  const facts = [
    ['series', book.series && html`<a href=${library({ series: book.series, sort: 'series' })}>${book.series}</a>
      ${book.series_number ? ` · ${book.series_number}` : ''}`],
    ['category', book.category && html`<a href=${library({ category: book.category })}>${book.category}</a>`],
    ['published', [published(book.published), book.publisher].filter(Boolean).join(', ')],
    ['language', book.language && languageName(book.language)],
    ['pages', book.pages && t('pages.count', { count: book.pages })],
    ['isbn', book.isbn],
    ['location', book.location],
    ['copies', book.copies > 1 && book.copies],
    ['owner', book.owner && (book.owner.name ?? t('somebody'))],
  ];
  return html`<header>
      <h1 dir="auto">${book.title}</h1>
      ${book.subtitle && html`<p class="subtitle" dir="auto">${book.subtitle}</p>`}
      ${book.authors && html`<p class="by" dir="auto">${book.authors.map((author, i) => html`${i > 0 && ', '}
        <a href=${library({ author })}>${author}</a>`)}</p>`}
    </header>
    ${book.description && html`<p class="description" dir="auto">${book.description}</p>`}
    <dl class="facts">${facts.filter(([, value]) => value).map(([name, value]) => html`<div><dt>${t(`field.${name}`)}</dt>
      <dd dir="auto">${value}</dd></div>`)}</dl>
    ${book.tags && html`<ul class="chips" aria-label=${t('field.tags')}>${book.tags.map((tag) => html`<li class="chip">
      <a href=${library({ tag })}>${tag}</a></li>`)}</ul>`}`;
}

const library = (query) => `/app/${queryString(query)}`;

// published formats a date that may be only a year or a month.
const published = (date) => (date?.length === 10 ? formatDate(date) : date);

// Edit changes the fields of a book. The page may load the book again meanwhile, so Edit keeps the version that the form shows. If
// somebody else has changed the same fields since then, it shows both versions.
function Edit({ book: current, etag: currentTag, close, onChange }) {
  const [{ book, etag }] = useState({ book: current, etag: currentTag });
  const [conflict, setConflict] = useState(null);
  const save = async (changes, tag) => {
    if (Object.keys(changes).length === 0) return close();
    try {
      const { data, etag: newTag } = await patch(`/books/${book._id}`, changes, { etag: tag });
      onChange(data, newTag);
      say(t('saved'));
      return close();
    } catch (error) {
      if (error.status !== 412) throw error;
      if (!Object.keys(changes).some((name) => differs(book[name], error.data[name]))) return save(changes, error.etag);
      return setConflict({ changes, theirs: error.data, etag: error.etag });
    }
  };
  return html`<h1 dir="auto">${book.title}</h1>
    <${BookForm} book=${book} submit=${t('save')} cancel=${close} onSubmit=${(fields) => save(bookChanges(book, fields), etag)} />
    ${conflict && html`<${Conflict} ...${conflict} close=${() => setConflict(null)}
      keepMine=${() => { setConflict(null); return save(conflict.changes, conflict.etag); }}
      takeTheirs=${() => { onChange(conflict.theirs, conflict.etag); close(); }} />`}`;
}

// differs compares the values of a field, which may be lists or missing.
const differs = (a, b) => JSON.stringify(a ?? null) !== JSON.stringify(b ?? null);

// moveToTrash moves a book to the trash and offers to undo it.
async function moveToTrash(book, etag) {
  try {
    await remove(`/books/${book._id}?trash=true`, { etag });
  } catch (error) {
    say(error.status === 412 ? t('changed_meanwhile') : errorText(error));
    return;
  }
  forgetBooks();
  navigate('/app/');
  say(t('in_trash', { title: book.title }), {
    label: t('undo'),
    run: async () => {
      try {
        await post(`/trash/${book._id}/restore`);
        forgetBooks();
        navigate(`/app/books/${book._id}`);
      } catch (error) {
        say(errorText(error));
      }
    },
  });
}
