// The books of the library as a grid of covers.
import { html, useEffect, useRef } from './preact.js';
import { useArrows, useVisibleRows, useWidth } from './virtual.js';
import { Cover, Stars } from './ui.js';
import { t } from './i18n.js';

const gap = 20; // pixels
const caption = 92; // the height of the text below a cover, in pixels at the usual size of text

export function BookGrid({ list, total, onVisible, choose }) {
  const box = useRef(null);
  const width = useWidth(box);
  const least = width < 600 ? 104 : 148; // the least width of a cover
  const columns = Math.max(2, Math.floor((width + gap) / (least + gap)));
  const coverWidth = Math.floor((width - gap * (columns - 1)) / columns);
  const rowHeight = Math.round(coverWidth * 1.5 + caption * textSize() + gap);
  const visible = useVisibleRows(box, width && Math.ceil(total / columns), rowHeight);
  const arrows = useArrows(box, total, columns, rowHeight, visible);
  const [first, last] = [visible[0] * columns, Math.min(total, visible[1] * columns)];
  useEffect(() => { onVisible(last - 1); }, [last, list]);

  const items = [];
  for (let index = first; index < last; index++) {
    const [column, row] = [index % columns, Math.floor(index / columns)];
    const style = { width: `${coverWidth}px`, transform: `translate(${column * (coverWidth + gap)}px, ${row * rowHeight}px)` };
    items.push(html`<li key=${index} style=${style} aria-setsize=${total} aria-posinset=${index + 1}>
      ${list.books[index] ? html`<${Card} book=${list.books[index]} index=${index} current=${arrows.current} width=${coverWidth} first=${index < 2 * columns} choose=${choose} />`
    : html`<span class="card"><span class="waiting"></span></span>`}</li>`);
  }
  return html`<ul class="grid" role="list" ref=${box} style=${{ height: `${Math.ceil(total / columns) * rowHeight}px` }}
    onKeyDown=${arrows.onKeyDown} onFocusIn=${arrows.onFocus}>${items}</ul>`;
}

// textSize returns how much larger the person's text is than usual.
function textSize() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
}

function Card({ book, index, current, width, first, choose }) {
  const { status, rating } = book.reading ?? {};
  return html`<a class="card" href="/app/books/${book._id}" data-index=${index} tabindex=${index === current ? 0 : -1}
      ...${choose(book, index)}>
    <span class="frame"><${Cover} book=${book} sizes="${width}px" first=${first} decorative />
      ${status && status !== 'read' && html`<span class="ribbon" data-status=${status}>${t(`status.${status}`)}</span>`}
      ${book.on_loan > 0 && html`<span class="ribbon low">${t('on_loan')}</span>`}</span>
    <b dir="auto">${book.title}</b>
    <i dir="auto">${(book.authors ?? []).join(', ')}</i>
    <${Stars} rating=${rating} />
  </a>`;
}
