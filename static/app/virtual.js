// Long lists, of which only the part in the window is in the document.
import { useEffect, useLayoutEffect, useRef, useState } from './preact.js';

const overscan = 2; // rows beyond each edge of the window

// useVisibleRows returns the first row to render and the one after the last. box is a ref of the element that all rows fill.
export function useVisibleRows(box, rows, rowHeight) {
  const [range, setRange] = useState([0, 0]);
  useLayoutEffect(() => {
    const update = () => {
      const top = -box.current.getBoundingClientRect().top;
      const first = Math.max(0, Math.floor(top / rowHeight) - overscan);
      const last = Math.min(rows, Math.ceil((top + window.innerHeight) / rowHeight) + overscan);
      setRange((old) => (old[0] === first && old[1] === last ? old : [first, last]));
    };
    update();
    window.addEventListener('scroll', update, { passive: true });
    window.addEventListener('resize', update);
    return () => {
      window.removeEventListener('scroll', update);
      window.removeEventListener('resize', update);
    };
  }, [rows, rowHeight]);
  return [Math.min(range[0], rows), Math.min(range[1], rows)];
}

// useWidth returns the width of an element in pixels, 0 at first.
export function useWidth(box) {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => setWidth(box.current.clientWidth));
    observer.observe(box.current);
    setWidth(box.current.clientWidth);
    return () => observer.disconnect();
  }, []);
  return width;
}

// useArrows lets the arrow keys, Home and End move the focus through the items of a list. Of all items, only the current one
// is reached with Tab. It returns { current, onKeyDown, onFocus }. The item with index i has the attribute data-index.
export function useArrows(box, count, columns, rowHeight, visible) {
  const [current, setCurrent] = useState(0);
  const wanted = useRef(null); // the index to focus once it is rendered
  const [first, last] = visible.map((row) => row * columns);

  const focusWanted = () => {
    const item = wanted.current !== null && box.current.querySelector(`[data-index="${wanted.current}"]`);
    if (!item) return;
    wanted.current = null;
    item.focus({ preventScroll: true });
  };
  useEffect(focusWanted);

  const move = (index) => {
    wanted.current = Math.max(0, Math.min(count - 1, index));
    setCurrent(wanted.current);
    scrollToRow(box.current, Math.floor(wanted.current / columns), rowHeight);
    focusWanted();
  };
  return {
    current: current >= first && current < last ? current : Math.min(count - 1, first),
    onFocus: (event) => {
      const index = event.target.closest?.('[data-index]')?.dataset.index;
      if (index) setCurrent(Number(index));
    },
    onKeyDown: (event) => {
      const index = Number(event.target.closest('[data-index]')?.dataset.index ?? NaN);
      const to = {
        ArrowRight: index + 1, ArrowLeft: index - 1, ArrowDown: index + columns, ArrowUp: index - columns, Home: 0, End: count - 1,
      }[event.key];
      if (to === undefined || Number.isNaN(to) || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      if (to >= 0 && to < count) move(to);
    },
  };
}

// scrollToRow scrolls so that a row is in the window, below the header that stays on top.
function scrollToRow(box, row, rowHeight) {
  const header = document.querySelector('.top')?.offsetHeight ?? 0;
  const footer = 5 * 16; // the navigation of a narrow window
  const top = box.getBoundingClientRect().top + row * rowHeight;
  if (top < header) window.scrollBy(0, top - header - 8);
  else if (top + rowHeight > window.innerHeight - footer) window.scrollBy(0, top + rowHeight - window.innerHeight + footer);
}
