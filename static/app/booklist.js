// The list of books that the library shows. It is loaded page by page, as far as the person scrolls.
import { useEffect, useRef, useState } from './preact.js';
import { get, queryString } from './api.js';

const fields = '_id,title,authors,series,series_number,published,category,tags,covers,reading,on_loan';
const firstPage = 60;
const nextPages = 200;

class BookList {
  constructor(query, key) {
    Object.assign(this, { query, key, books: [], total: undefined, next: undefined, error: null, loading: false, wanted: 0 });
    this.changed = () => {};
    this.aborter = new AbortController();
  }

  // reach loads pages until the book at the index is there. A later call replaces the index.
  async reach(index) {
    this.wanted = index;
    if (this.loading || this.next === null || this.books.length > index) return;
    this.loading = true;
    this.error = null;
    try {
      while (this.next !== null && this.books.length <= this.wanted) await this.load();
    } catch (error) {
      if (error.name === 'AbortError') return;
      this.error = error;
    } finally {
      this.loading = false;
    }
    this.changed();
  }

  async load() {
    const { signal } = this.aborter;
    const first = this.next === undefined;
    const { data, next, total } = first
      ? await get('/books/', { ...this.query, fields, limit: firstPage, count: true }, { signal })
      : await get(this.next, {}, { signal });
    if (first) this.total = total;
    this.books.push(...data);
    this.next = next && withoutCount(next);
    if (this.next === null) this.total = this.books.length;
    this.changed();
  }
}

// withoutCount changes the address of the next page: the page is longer, and the server does not count the list again.
function withoutCount(address) {
  const url = new URL(address, location.href);
  url.searchParams.delete('count');
  url.searchParams.set('limit', nextPages);
  return url.pathname + url.search;
}

let kept = null; // the last list, for the way back from a book

// forgetBooks makes the library load its list again. Call it when a book has changed.
export function forgetBooks() {
  kept = null;
}

// useBookList returns the list of a query, or undefined at first. While a new list loads, the former one stays. Another version
// loads the list again.
export function useBookList(query, version) {
  const key = `${queryString(query)}#${version}`;
  const [list, setList] = useState(kept?.key === key ? kept : undefined);
  const [, render] = useState(0);
  const versions = useRef(0);
  useEffect(() => {
    const current = kept?.key === key ? kept : new BookList(query, key);
    current.changed = () => {
      setList(current);
      render(++versions.current);
    };
    kept = current;
    setList((old) => old ?? current);
    current.reach(0).then(current.changed);
    return () => {
      current.changed = () => {};
      if (current.total === undefined) {
        current.aborter.abort();
        if (kept === current) kept = null;
      }
    };
  }, [key]);
  return list;
}
