// Rows that a person puts in order, by dragging their handles or by the arrow keys on the handles.
import { html, useEffect, useRef, useState } from './preact.js';
import { t } from './i18n.js';

const edge = 60; // pixels: a row that is dragged as near to the edge of the window scrolls the page
const scrollStep = 14; // pixels for each movement of the pointer

// useOrdering returns { rows, mark, handle }. rows is the ref of the element whose children are the rows. mark returns the class of
// a row, which shows where the dragged row would go. handle renders the handle of a row. move is called with two indexes when a
// row is to be moved from the first to the second.
export function useOrdering(move) {
  const rows = useRef(null);
  const [drag, setDrag] = useState(null); // { from, gap } while a row is dragged; gap n is before row n
  const refocus = useRef(null); // the index of the handle that the keyboard has moved: the browser forgets its focus
  useEffect(() => {
    if (refocus.current === null) return;
    rows.current.children[refocus.current].querySelector('.handle').focus();
    refocus.current = null;
  });

  const gapAt = (y) => [...rows.current.children].filter((row) => {
    const { top, height } = row.getBoundingClientRect();
    return top + height / 2 < y;
  }).length;
  const onPointerMove = (event) => {
    if (!drag) return;
    setDrag({ ...drag, gap: gapAt(event.clientY) });
    if (event.clientY < edge) window.scrollBy(0, -scrollStep);
    if (event.clientY > window.innerHeight - edge) window.scrollBy(0, scrollStep);
  };
  const onPointerUp = () => {
    if (!drag) return;
    const to = drag.gap > drag.from ? drag.gap - 1 : drag.gap;
    setDrag(null);
    if (to !== drag.from) move(drag.from, to);
  };
  const onKeyDown = (event, index) => {
    const to = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: rows.current.children.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to === index || to < 0 || to >= rows.current.children.length) return;
    refocus.current = to;
    move(index, to);
  };
  return {
    rows,
    mark: (index) => drag && [drag.from === index && 'dragged', drag.gap === index && 'gap-above',
      drag.gap === index + 1 && 'gap-below'].filter(Boolean).join(' '),
    handle: (index, title) => html`<button type="button" class="handle quiet small" aria-label=${t('order.move', { title })}
      title=${t('order.how')} onKeyDown=${(event) => onKeyDown(event, index)}
      onPointerDown=${(event) => { event.target.setPointerCapture(event.pointerId); setDrag({ from: index, gap: index }); }}
      onPointerMove=${onPointerMove} onPointerUp=${onPointerUp} onPointerCancel=${() => setDrag(null)}>↕</button>`,
  };
}
