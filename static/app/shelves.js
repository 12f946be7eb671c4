// The shelves, and the books on one.
import { html, useRef } from './preact.js';
import { get, patch, remove } from './api.js';
import { useList } from './lists.js';
import { useOrdering } from './ordering.js';
import { say } from './toasts.js';
import { Cover, Failure, Loaded, More, useAction, useLoad, usePage } from './ui.js';
import { t } from './i18n.js';

export function Shelves() {
  usePage(t('shelves'));
  const shelves = useLoad(async () => (await get('/shelves')).data, []);
  return html`<h1>${t('shelves')}</h1><p class="faint">${t('shelves.how')}</p>
    <${Loaded} of=${shelves}>${(list) => html`<ul class="shelf-list">${list.map(({ name, books }) => html`<li key=${name}>
      <a class="card-box" href="/app/shelves/${encodeURIComponent(name)}"><b dir="auto">${name}</b> <small>${t('books.count', { count: books })}</small></a></li>`)}
    </ul>`}<//>`;
}

export function Shelf({ item: name }) {
  usePage(name);
  const address = `/shelves/${encodeURIComponent(name)}/books`;
  const list = useList(address);
  const [run, error] = useAction();
  const takeOff = (book) => run(async () => {
    await remove(`${address}/${book._id}`);
    list.change((books) => books.filter((other) => other !== book));
  });
  const sent = useRef(Promise.resolve()); // the last change: the server gets them one after another, in their order
  const move = (from, to) => {
    const books = [...list.items];
    const [book] = books.splice(from, 1);
    books.splice(to, 0, book);
    list.change(() => books);
    say(t('order.moved', { title: book.title, place: to + 1 }));
    const after = books[to - 1]?._id ?? null;
    sent.current = sent.current.then(() => run(async () => {
      try {
        await patch(`${address}/${book._id}`, { after });
      } catch (failure) {
        list.reload();
        throw failure;
      }
    }));
  };
  const order = useOrdering(move);
  return html`<p><a href="/app/shelves">${t('shelves')}</a></p><h1 dir="auto">${name}</h1>
    <${Loaded} of=${list}>${(books) => (books.length === 0 ? html`<p class="empty">${t('shelf.none')}</p>`
    : html`<ul class="rows" ref=${order.rows}>${books.map((book, index) => html`<li key=${book._id} class="line ${order.mark(index) ?? ''}">
        ${order.handle(index, book.title)}<span class="tiny"><${Cover} book=${book} sizes="3rem" decorative /></span>
        <span class="text"><a href="/app/books/${book._id}" dir="auto"><b>${book.title}</b></a> <i dir="auto">${(book.authors ?? []).join(', ')}</i></span>
        <span class="side"><button type="button" class="quiet small" onClick=${() => takeOff(book)}
          aria-label=${t('shelf.take_off_of', { title: book.title })}>${t('shelf.take_off')}</button></span></li>`)}</ul>
      <${More} list=${list} />`)}<//>
    ${error && html`<${Failure} error=${error} />`}`;
}
