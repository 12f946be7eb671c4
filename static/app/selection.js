// Choosing several books of the library.
import { useRef, useState } from './preact.js';

// useSelection returns { chosen, start, stop, props }. chosen maps the ids of the chosen books to the books; it is null while the
// person does not choose. props returns the properties of a book's link, which then chooses the book and does not open it. With
// Shift, all books since the last one are chosen.
export function useSelection(list) {
  const [chosen, setChosen] = useState(null);
  const last = useRef(null); // the index of the last book
  const toggle = (index, range) => {
    const next = new Map(chosen);
    const on = !next.has(list.books[index]._id);
    const from = range && last.current !== null ? last.current : index;
    for (const book of list.books.slice(Math.min(from, index), Math.max(from, index) + 1)) {
      if (on) next.set(book._id, book);
      else next.delete(book._id);
    }
    last.current = index;
    setChosen(next);
  };
  const props = (book, index) => chosen && {
    role: 'checkbox',
    'aria-checked': String(chosen.has(book._id)),
    onClick: (event) => {
      event.preventDefault(); // the router opens no link then
      toggle(index, event.shiftKey);
    },
    onKeyDown: (event) => {
      if (event.key !== ' ') return;
      event.preventDefault();
      toggle(index, event.shiftKey);
    },
  };
  return {
    chosen,
    props,
    start: () => { last.current = null; setChosen(new Map()); },
    stop: () => setChosen(null),
  };
}
