// The books of the library as a dense table.
import { html, useEffect, useRef } from './preact.js';
import { useArrows, useVisibleRows } from './virtual.js';
import { Cover, Stars } from './ui.js';
import { t } from './i18n.js';

const rowHeight = 56; // pixels; the style sheet has the same

export function BookTable({ list, total, onVisible, choose }) {
  const body = useRef(null);
  const visible = useVisibleRows(body, total, rowHeight);
  const arrows = useArrows(body, total, 1, rowHeight, visible);
  const [first, last] = visible;
  useEffect(() => { onVisible(last - 1); }, [last, list]);

  const rows = [];
  for (let index = first; index < last; index++) {
    rows.push(html`<${Row} key=${index} book=${list.books[index]} index=${index} current=${arrows.current} choose=${choose} />`);
  }
  return html`<table class="dense" aria-rowcount=${total + 1}>
    <thead><tr>
      <th scope="col"><span class="hidden">${t('cover')}</span></th><th scope="col">${t('field.title')}</th><th scope="col">${t('field.authors')}</th>
      <th scope="col">${t('field.series')}</th><th scope="col">${t('field.published')}</th><th scope="col">${t('field.category')}</th>
      <th scope="col">${t('status')}</th><th scope="col">${t('rating')}</th>
    </tr></thead>
    <tbody ref=${body} onKeyDown=${arrows.onKeyDown} onFocusIn=${arrows.onFocus}>
      <${Space} rows=${first} />${rows}<${Space} rows=${total - last} />
    </tbody>
  </table>`;
}

// Space stands for rows outside the window.
function Space({ rows }) {
  return rows > 0 && html`<tr aria-hidden="true" class="space"><td colspan="8" style=${{ height: `${rows * rowHeight}px` }}></td></tr>`;
}

function Row({ book, index, current, choose }) {
  if (!book) return html`<tr aria-rowindex=${index + 2}><td colspan="8"></td></tr>`;
  const { status, rating } = book.reading ?? {};
  return html`<tr aria-rowindex=${index + 2}>
    <td><span class="tiny"><${Cover} book=${book} sizes="2rem" decorative /></span></td>
    <td dir="auto"><a href="/app/books/${book._id}" data-index=${index} tabindex=${index === current ? 0 : -1}
      ...${choose(book, index)}>${book.title}</a></td>
    <td dir="auto">${(book.authors ?? []).join(', ')}</td>
    <td dir="auto">${book.series}${book.series_number ? ` ${book.series_number}` : ''}</td>
    <td>${book.published?.slice(0, 4)}</td>
    <td>${book.category}</td>
    <td>${status && t(`status.${status}`)}${book.on_loan > 0 && html`<span class="tag">${t('on_loan')}</span>`}</td>
    <td><${Stars} rating=${rating} /></td>
  </tr>`;
}
