// Small parts that several pages share.
import { html, useCallback, useEffect, useId, useRef, useState } from './preact.js';
import { localPath } from './api.js';
import { has, t } from './i18n.js';

// errorText says in words what went wrong. Reasons for single fields are shown beside the fields and not here.
export function errorText(error) {
  const key = [`error.${error.code}`, `error.${error.status}`].find(has);
  if (key) return t(key, { seconds: error.retryAfter ?? 60 });
  const [field] = Object.entries(error.fields ?? {});
  return field ? t('error.field', { field: field[0], reason: field[1] }) : error.message;
}

// useLoad calls load when the page opens and when deps change, and returns { data, error, loading, reload, setData }. An answer
// that arrives after a newer request is dropped.
export function useLoad(load, deps) {
  const [state, setState] = useState({ loading: true });
  const latest = useRef(0);
  const reload = useCallback(async () => {
    const number = ++latest.current;
    setState((old) => ({ ...old, loading: true, error: null }));
    let result;
    try {
      result = { data: await load() };
    } catch (error) {
      result = { error };
    }
    if (number === latest.current) setState((old) => ({ data: old.data, ...result, loading: false }));
  }, deps);
  useEffect(() => {
    reload();
    return () => { latest.current++; };
  }, [reload]);
  return { ...state, reload, setData: (data) => setState({ data, loading: false }) };
}

// useAction returns [run, error, busy]. run calls an action and keeps its error, to be shown.
export function useAction() {
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const run = async (action) => {
    setError(null);
    setBusy(true);
    try {
      return await action();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return [run, error, busy];
}

// Loaded shows the children when the data is there, and otherwise that it is loading or what went wrong.
export function Loaded({ of, children }) {
  if (of.data !== undefined) return children(of.data);
  if (of.error) return html`<${Failure} error=${of.error} retry=${of.reload} />`;
  return html`<p class="faint" role="status">${t('loading')}</p>`;
}

export function Failure({ error, retry }) {
  return html`<p class="error" role="alert">${errorText(error)}
    ${retry && html` <button type="button" class="quiet" onClick=${retry}>${t('retry')}</button>`}</p>`;
}

// Field is a labelled input. error is the reason why its value was rejected. Without a render function as its child, it has an
// input with the other properties. value is only its first value: rendering the page again keeps what the person has typed.
export function Field({ label, hint, error, children, value, ...rest }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  const props = { id, 'aria-describedby': described, 'aria-invalid': error ? 'true' : undefined };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${children ? children(props) : html`<input ...${props} ...${rest} defaultValue=${value ?? ''} />`}
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
    ${error && html`<p class="error" id="${id}-error">${label} ${error}.</p>`}
  </div>`;
}

// Form calls onSubmit with its values. It shows the error that onSubmit throws, and gives the reasons for single fields to
// its child, which renders the fields. A reason for a field that the form does not have is shown below.
export function Form({ onSubmit, submit, children, cancel, extra, label }) {
  const [run, error, busy] = useAction();
  const form = useRef(null);
  const fields = error?.fields ?? {};
  useEffect(() => { form.current?.querySelector('[aria-invalid]')?.focus(); }, [error]);
  const shown = Object.keys(fields).some((name) => form.current?.elements[name]);
  return html`<form ref=${form} novalidate aria-label=${label} onSubmit=${(event) => {
    event.preventDefault();
    run(() => onSubmit(Object.fromEntries(new FormData(form.current)), form.current));
  }}>
    ${children(fields)}
    <div class="actions">
      <button disabled=${busy}>${busy ? t('wait') : submit}</button>
      ${cancel && html`<button type="button" class="quiet" onClick=${cancel}>${t('cancel')}</button>`}
      ${extra}
    </div>
    ${error && !shown && html`<${Failure} error=${error} />`}
  </form>`;
}

// Cover shows the cover of a book in a box of two to three. A book without a cover has its title on a plain jacket. With first, the
// cover is one of those that are seen first, so that it is not loaded late.
export function Cover({ book, sizes = '10rem', first = false, decorative = false }) {
  const pictures = Object.entries(book.covers ?? {});
  if (pictures.length === 0) {
    return html`<span class="jacket" aria-hidden=${decorative ? 'true' : undefined} data-tone=${tone(book.title)}>
      <b>${book.title}</b><i>${(book.authors ?? []).join(', ')}</i></span>`;
  }
  const srcset = pictures.map(([size, url]) => `${localPath(url)} ${Math.round(size * 2 / 3)}w`).join(', ');
  return html`<img class="cover" src=${localPath(pictures.at(-1)[1])} srcset=${srcset} sizes=${sizes}
    alt=${decorative ? '' : t('cover.of', { title: book.title })} loading=${first ? 'eager' : 'lazy'} fetchpriority=${first ? 'high' : undefined} decoding="async" />`;
}

// tone returns one of six colours for a title, always the same.
function tone(title) {
  let sum = 0;
  for (const letter of title) sum = (sum + letter.codePointAt(0)) % 6;
  return sum;
}

// Stars shows a rating as a text with its number of stars.
export function Stars({ rating }) {
  if (!rating) return null;
  return html`<span class="stars" role="img" aria-label=${t('rating.value', { rating })}>
    <span style=${{ width: `${rating * 20}%` }}></span></span>`;
}

// Dialog is a modal dialog. Escape and a click beside it close it.
export function Dialog({ title, onClose, children }) {
  const dialog = useRef(null);
  const id = useId();
  useEffect(() => { dialog.current.showModal(); }, []);
  return html`<dialog ref=${dialog} aria-labelledby=${id} onCancel=${(event) => { event.preventDefault(); onClose(); }}
    onClick=${(event) => { if (event.target === dialog.current) onClose(); }}>
    <div><h2 id=${id}>${title}</h2>${children}</div>
  </dialog>`;
}

// usePage sets the title of the document, and moves the focus to the page's heading, so that a screen reader says where it is.
export function usePage(title) {
  useEffect(() => { document.title = title ? `${title} · Bookplate` : 'Bookplate'; }, [title]);
}

// Chips are removable filters or tags.
export function Chip({ label, remove, href }) {
  return html`<li class="chip">${href ? html`<a href=${href}>${label}</a>` : html`<span>${label}</span>`}
    ${remove && html`<button type="button" onClick=${remove} aria-label=${t('remove', { name: label })}>×</button>`}</li>`;
}

// More is the button that loads the next page of a list.
export function More({ list }) {
  return list.next && html`<p><button type="button" class="quiet" disabled=${list.loading} onClick=${list.more}>${t('more')}</button></p>`;
}
