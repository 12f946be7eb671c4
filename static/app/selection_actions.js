// What can be done with several books at once.
import { html, useState } from './preact.js';
import { get, post } from './api.js';
import { Dialog, Failure, Field, Form, errorText, useAction, useLoad } from './ui.js';
import { say } from './toasts.js';
import { useKey } from './keys.js';
import { t } from './i18n.js';

const statuses = ['want', 'reading', 'read', 'abandoned'];
const batchSize = 100; // operations of a request

// batch sends operations, one for each book. It resolves to { done, errors }: how many were done, and the answers to the others.
async function batch(operations) {
  const errors = [];
  for (let from = 0; from < operations.length; from += batchSize) {
    const { data } = await post('/batch', { operations: operations.slice(from, from + batchSize) });
    errors.push(...data.filter(({ status }) => status >= 400).map(({ body }) => body));
  }
  return { done: operations.length - errors.length, errors };
}

// report says how many books were changed, and the first reason why one was not.
function report(key, { done, errors }, action) {
  const parts = [t(key, { count: done })];
  if (errors.length > 0) parts.push(t('chosen.failed', { count: errors.length, reason: errors[0].message }));
  say(parts.join(' '), done > 0 ? action : null);
}

export function SelectionBar({ chosen, stop, onChanged }) {
  const [dialog, setDialog] = useState(null);
  const [run, error, busy] = useAction();
  const books = [...chosen.values()];
  const close = () => setDialog(null);
  useKey('Escape', stop);
  const act = (key, operation) => async (values) => {
    const result = await batch(books.map((book) => operation(book, values)));
    close();
    report(key, result);
    onChanged();
  };
  const trash = () => run(async () => {
    const result = await batch(books.map(({ _id }) => ({ method: 'DELETE', path: `/books/${_id}?trash=true` })));
    report('chosen.in_trash', result, { label: t('undo'), run: restore });
    onChanged();
  });
  const restore = async () => {
    let restored = 0;
    try {
      for (const { _id } of books) restored += await restoreBook(_id);
      say(t('chosen.restored', { count: restored }));
    } catch (failure) {
      say(errorText(failure));
    }
    onChanged();
  };
  const lend = async ({ to, due }) => {
    const result = { done: 0, errors: [] };
    for (const { _id } of books) {
      try {
        await post(`/books/${_id}/loans`, { to, due: due || null });
        result.done++;
      } catch (failure) {
        if (failure.status === 0 || failure.fields.to || failure.fields.due) throw failure;
        result.errors.push(failure);
      }
    }
    close();
    report('chosen.lent', result);
    onChanged();
  };
  const dialogs = {
    tag: () => html`<${Form} submit=${t('chosen.tag')} cancel=${close}
      onSubmit=${act('chosen.tagged', ({ _id, tags }, { tag }) => ({ method: 'PATCH', path: `/books/${_id}`, body: { tags: [...tags ?? [], tag] } }))}>
      ${(wrong) => html`<${Field} label=${t('facet.tag')} name="tag" required autocomplete="off" error=${wrong.tags} />`}<//>`,
    shelve: () => html`<${Form} submit=${t('chosen.shelve')} cancel=${close}
      onSubmit=${act('chosen.shelved', ({ _id }, { shelf }) => ({ method: 'PUT', path: `/shelves/${encodeURIComponent(shelf)}/books/${_id}` }))}>
      ${() => html`<${ShelfField} />`}<//>`,
    status: () => html`<${Form} submit=${t('chosen.status')} cancel=${close}
      onSubmit=${act('chosen.status_set', ({ _id, reading }, { status }) => ({ method: reading ? 'PATCH' : 'PUT', path: `/books/${_id}/reading`, body: { status } }))}>
      ${() => html`<${Field} label=${t('status')}>${(props) => html`<select ...${props} name="status">
        ${statuses.map((name) => html`<option value=${name}>${t(`status.${name}`)}</option>`)}</select>`}<//>`}<//>`,
    lend: () => html`<${Form} submit=${t('loan.lend')} cancel=${close} onSubmit=${lend}>${(wrong) => html`
      <${Field} label=${t('loan.borrower')} hint=${t('loan.borrower.hint')} name="to" required autocomplete="off" error=${wrong.to} />
      <${Field} label=${t('loan.due')} name="due" type="date" error=${wrong.due} />`}<//>`,
  };
  return html`<div class="chosen" role="region" aria-label=${t('chosen')}>
    <b role="status">${t('chosen.count', { count: books.length })}</b>
    ${Object.keys(dialogs).map((name) => html`<button type="button" class="quiet small" disabled=${busy || books.length === 0}
      onClick=${() => setDialog(name)}>${t(name === 'lend' ? 'loan.lend' : `chosen.${name}`)}</button>`)}
    <button type="button" class="quiet small" disabled=${busy || books.length === 0} onClick=${trash}>${t('to_trash')}</button>
    <button type="button" class="small" onClick=${stop}>${t('chosen.end')}</button>
    ${error && html`<${Failure} error=${error} />`}
    ${dialog && html`<${Dialog} title=${t('chosen.count', { count: books.length })} onClose=${close}>${dialogs[dialog]()}<//>`}</div>`;
}

// restoreBook restores a book from the trash. It resolves to the number of restored books: 0 if the book is not in the trash.
async function restoreBook(id) {
  try {
    await post(`/trash/${id}/restore`);
    return 1;
  } catch (failure) {
    if (failure.status === 404) return 0;
    throw failure;
  }
}

// ShelfField is an input for the name of a shelf, which suggests the shelves there are.
function ShelfField() {
  const shelves = useLoad(async () => (await get('/shelves')).data, []);
  return html`<${Field} label=${t('shelves.new')}>${(props) => html`<input ...${props} name="shelf" list="shelf-names" required autocomplete="off" />`}<//>
    <datalist id="shelf-names">${(shelves.data ?? []).map(({ name }) => html`<option value=${name} />`)}</datalist>`;
}
