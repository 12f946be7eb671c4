// Other books: of the same series in order, and by the same author.
import { html } from './preact.js';
import { get } from './api.js';
import { Cover, useLoad } from './ui.js';
import { t } from './i18n.js';

const most = 12;

export function Related({ book }) {
  const [author] = book.authors ?? [];
  return html`
    ${book.series && html`<${Strip} book=${book} title=${t('related.series', { series: book.series })} query=${{ series: book.series, sort: 'series' }} whole />`}
    ${author && html`<${Strip} book=${book} title=${t('related.author', { author })} query=${{ author, sort: '-published' }} />`}`;
}

// Strip is a row of books. If whole is true, the book itself is one of them.
function Strip({ book, title, query, whole = false }) {
  const fields = '_id,title,authors,series_number,covers';
  const books = useLoad(async () => (await get('/books/', { ...query, fields, limit: most + 1 })).data, [JSON.stringify(query)]);
  const shown = (books.data ?? []).filter(({ _id }) => whole || _id !== book._id).slice(0, most);
  if (shown.length < (whole ? 2 : 1)) return null;
  return html`<section class="strip"><h2 dir="auto">${title}</h2><ul role="list">
    ${shown.map((other) => html`<li key=${other._id}><a class="card" href="/app/books/${other._id}"
      aria-current=${other._id === book._id ? 'true' : undefined}>
      <span class="frame"><${Cover} book=${other} sizes="7rem" decorative /></span>
      <b dir="auto">${whole && other.series_number ? `${other.series_number} · ` : ''}${other.title}</b></a></li>`)}
  </ul></section>`;
}
