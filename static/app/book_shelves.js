// The shelves that a book is on.
import { html, useState } from './preact.js';
import { get, put, remove } from './api.js';
import { Failure, Field, Form, useAction, useLoad, Loaded } from './ui.js';
import { t } from './i18n.js';

export function BookShelves({ book }) {
  const [open, setOpen] = useState(false);
  return html`<section class="card-box"><h2>${t('shelves')}</h2>
    ${open ? html`<${Choice} book=${book} />`
    : html`<button type="button" class="quiet" onClick=${() => setOpen(true)}>${t('shelves.choose')}</button>`}
  </section>`;
}

const address = (shelf, id) => `/shelves/${encodeURIComponent(shelf)}/books/${id}`;

// Choice has a box for each shelf. The API tells of each shelf by itself whether a book is on it.
function Choice({ book }) {
  const [run, error] = useAction();
  const shelves = useLoad(async () => {
    const { data } = await get('/shelves');
    return Promise.all(data.map(async ({ name }) => ({ name, on: await isOn(name, book._id) })));
  }, [book._id]);
  const set = (name, on) => run(async () => {
    shelves.setData(shelves.data.map((shelf) => (shelf.name === name ? { name, on } : shelf)));
    try {
      await (on ? put(address(name, book._id)) : remove(address(name, book._id)));
    } catch (failure) {
      shelves.reload();
      throw failure;
    }
  });
  return html`<${Loaded} of=${shelves}>${(list) => html`
    <ul class="boxes">${list.map(({ name, on }) => html`<li key=${name}><label><input type="checkbox" checked=${on}
      onChange=${(event) => set(name, event.target.checked)} /> ${name}</label></li>`)}</ul>
    <${Form} submit=${t('shelves.add')} onSubmit=${async ({ name }, form) => { await put(address(name, book._id)); form.reset(); await shelves.reload(); }}>
      ${(fields) => html`<${Field} label=${t('shelves.new')} name="name" autocomplete="off" error=${fields.name} />`}<//>
    ${error && html`<${Failure} error=${error} />`}`}<//>`;
}

async function isOn(shelf, id) {
  try {
    await get(address(shelf, id));
    return true;
  } catch (error) {
    if (error.status === 404) return false;
    throw error;
  }
}
