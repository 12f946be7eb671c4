// The library: all books as covers or as a table, with a search and filters that are kept in the address.
import { html, useEffect, useRef, useState } from './preact.js';
import { navigate, restoreScroll, useAddress } from './router.js';
import { forgetBooks, useBookList } from './booklist.js';
import { BookGrid } from './library_grid.js';
import { BookTable } from './library_table.js';
import { ActiveFilters, Facets, filterQuery } from './library_filters.js';
import { useSelection } from './selection.js';
import { Failure, usePage } from './ui.js';
import { useKey } from './keys.js';
import { t } from './i18n.js';

const sorts = ['-created', 'created', 'title', '-title', 'author', '-author', 'series', '-published', 'published', '-rating'];
const typingPause = 150; // milliseconds

export function Library() {
  const { searchParams } = useAddress();
  const query = filterQuery(searchParams);
  const sort = searchParams.get('sort') ?? (query.q ? 'relevance' : '-created');
  const [version, setVersion] = useState(0); // of the list: a new one is loaded after many books have changed
  const list = useBookList({ ...query, sort }, version);
  const selection = useSelection(list);
  const view = searchParams.get('view') === 'table' ? 'table' : 'grid';
  usePage(t('library'));
  useScrollBack(list);

  const set = (changes, options) => navigate(changed(searchParams, changes), options);
  const onVisible = (index) => list?.reach(index);
  const books = { list, onVisible, total: list?.total ?? 0, choose: selection.props };
  const onChanged = () => {
    forgetBooks();
    selection.stop();
    setVersion((old) => old + 1);
  };
  return html`<div class="library">
    <div class="bar">
      <h1 class="hidden">${t('library')}</h1>
      <${Search} q=${query.q ?? ''} set=${set} />
      <label class="pick"><span class="hidden">${t('sort')}</span>
        <select value=${sort} onChange=${(event) => set({ sort: event.target.value })}>
          ${query.q && html`<option value="relevance">${t('sort.relevance')}</option>`}
          ${sorts.map((name) => html`<option value=${name}>${t(`sort.${name}`)}</option>`)}
        </select></label>
      <div class="switch" role="group" aria-label=${t('view')}>
        ${['grid', 'table'].map((name) => html`<button type="button" aria-pressed=${String(view === name)}
          onClick=${() => set({ view: name === 'table' ? name : null }, { replace: true })}>${t(`view.${name}`)}</button>`)}
      </div>
    </div>
    <${Facets} query=${query} set=${set} />
    <section class="books" aria-label=${t('books')}>
      <div class="found">
        <p role="status">${list?.total === undefined ? t('loading') : t('books.count', { count: list.total })}</p>
        <${ActiveFilters} query=${query} set=${set} />
        ${list?.total > 0 && !selection.chosen && html`<button type="button" class="link" onClick=${selection.start}>${t('chosen.start')}</button>`}
      </div>
      ${list?.error && html`<${Failure} error=${list.error} retry=${() => list.reach(list.wanted)} />`}
      ${list?.total === 0 && html`<${Empty} filtered=${Object.keys(query).length > 0} clear=${() => navigate('/app/')} />`}
      ${selection.chosen && html`<${Actions} ...${selection} onChanged=${onChanged} />`}
      ${list?.total > 0 && (view === 'table' ? html`<${BookTable} ...${books} />` : html`<${BookGrid} ...${books} />`)}
    </section>
  </div>`;
}

// Actions loads what can be done with the chosen books when the person begins to choose.
function Actions(props) {
  const [module, setModule] = useState(null);
  useEffect(() => { import('./selection_actions.js').then(setModule, () => location.reload()); }, []);
  return module && html`<${module.SelectionBar} ...${props} />`;
}

// changed returns the address of the library with other parameters. null removes one.
function changed(searchParams, changes) {
  const next = new URLSearchParams(searchParams);
  for (const [name, value] of Object.entries(changes)) {
    next.delete(name);
    for (const one of [value].flat()) if (one !== null && one !== '') next.append(name, one);
  }
  const text = next.toString();
  return `/app/${text && `?${text}`}`;
}

// useScrollBack scrolls to where the person was before they opened a book.
function useScrollBack(list) {
  const done = useRef(false);
  useEffect(() => {
    if (done.current || list?.total === undefined) return;
    done.current = true;
    requestAnimationFrame(restoreScroll);
  }, [list?.total]);
}

// Search searches while the person types. What they type is theirs until they pause, so an answer never changes it.
function Search({ q, set }) {
  const [text, setText] = useState(q);
  const input = useRef(null);
  const sent = useRef(q);
  useEffect(() => {
    if (q === sent.current) return;
    sent.current = q; // the address changed otherwise, such as by the button Back
    setText(q);
  }, [q]);
  useEffect(() => {
    if (text.trim() === sent.current) return undefined;
    const timer = setTimeout(() => {
      const first = sent.current === '';
      sent.current = text.trim();
      set({ q: sent.current, sort: null }, { replace: !first });
    }, typingPause);
    return () => clearTimeout(timer);
  }, [text]);
  useKey('/', () => { input.current.focus(); input.current.select(); });
  const onKeyDown = (event) => {
    if (event.key === 'Escape') {
      if (text === '') input.current.blur();
      setText('');
      event.preventDefault();
    }
    if (event.key === 'ArrowDown') document.querySelector('.books [data-index][tabindex="0"]')?.focus();
  };
  return html`<search class="search"><label><span class="hidden">${t('search')}</span>
    <input ref=${input} type="search" value=${text} placeholder=${t('search.hint')} autocomplete="off" maxlength="200"
      onInput=${(event) => setText(event.target.value)} onKeyDown=${onKeyDown} /></label><kbd aria-hidden="true">/</kbd></search>`;
}

function Empty({ filtered, clear }) {
  return html`<div class="empty">
    <p>${t(filtered ? 'books.none_found' : 'books.none')}</p>
    ${filtered ? html`<button type="button" class="quiet" onClick=${clear}>${t('filters.clear')}</button>`
    : html`<a class="button" href="/app/add">${t('add.first')}</a>`}
  </div>`;
}
