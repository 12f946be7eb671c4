// Importing a file of another program: what it would do, then the progress, then the report line by line.
import { html, useEffect, useState } from './preact.js';
import { get, post, remove } from './api.js';
import { navigate } from './router.js';
import { forgetBooks } from './booklist.js';
import { useList } from './lists.js';
import { Failure, Field, Form, Loaded, More, useAction, useLoad, usePage } from './ui.js';
import { formatTime, has, t } from './i18n.js';

// The fields that a column can be read into, in the order of the list.
const fields = ['title', 'subtitle', 'authors', 'more_authors', 'isbn', 'publisher', 'published', 'language', 'pages', 'series',
  'series_number', 'tags', 'location', 'copies', 'description', 'category', 'status', 'rating', 'started', 'finished', 'reads', 'review',
  'shelves', 'lent_to', 'lent_at', 'returned'];
// The names of the programs whose files are recognised.
const programs = {
  goodreads: 'Goodreads', storygraph: 'StoryGraph', librarything: 'LibraryThing', bookwyrm: 'BookWyrm', libib: 'Libib', calibre: 'Calibre',
  bookcatalogue: 'Book Catalogue', openreads: 'Openreads', hardcover: 'Hardcover', jelu: 'Jelu', bookplate: 'Bookplate',
};
const outcomes = ['created', 'updated', 'skipped', 'failed'];

export function Import() {
  usePage(t('import'));
  const [form, setForm] = useState(null); // the file and the options, once they are chosen
  return html`<h1>${t('import')}</h1>
    ${form ? html`<${Check} form=${form} back=${() => setForm(null)} />` : html`<${Choose} onChosen=${setForm} /><${Earlier} />`}`;
}

function Choose({ onChosen }) {
  const choose = async (values) => {
    if (!values.file?.name) throw Object.assign(new Error(), { fields: { file: t('import.no_file') } });
    onChosen(values);
  };
  return html`<p>${t('import.how')}</p>
    <div class="card-box"><${Form} submit=${t('import.check')} onSubmit=${choose}>${(wrong) => html`
      <${Field} label=${t('import.file')} hint=${t('import.file.hint')} error=${wrong.file} name="file" type="file"
        accept=".csv,.tsv,.txt,.json,.zip,text/csv,application/json,application/zip" />
      <${Field} label=${t('import.on_duplicate')}>${(props) => html`<select ...${props} name="on_duplicate">
        ${['skip', 'update', 'add'].map((way) => html`<option value=${way}>${t(`import.${way}`)}</option>`)}</select>`}<//>
      <p><label><input type="checkbox" name="lookup" value="true" /> ${t('import.lookup')}</label></p>
      <p><label><input type="checkbox" name="covers" value="true" /> ${t('import.covers')}</label></p>`}<//></div>`;
}

// body returns the form of a request. mapping has only the columns that the person has changed.
function body(form, mapping, more = {}) {
  const data = new FormData();
  for (const [name, value] of Object.entries({ ...form, ...more })) data.append(name, value);
  if (Object.keys(mapping).length > 0) data.append('mapping', JSON.stringify(mapping));
  return data;
}

// Check shows what the import would do. A change of the mapping is checked again.
function Check({ form, back }) {
  const [mapping, setMapping] = useState({});
  const preview = useLoad(async () => (await post('/imports', body(form, mapping, { dry_run: 'true' }))).data, [mapping]);
  const [run, error, busy] = useAction();
  const start = () => run(async () => {
    const { data } = await post('/imports', body(form, mapping));
    navigate(`/app/import/${data._id}`);
  });
  return html`<p role="status">${preview.loading ? t('import.checking', { name: form.file.name }) : ''}</p>
    ${preview.data && preview.error && html`<${Failure} error=${preview.error} />`}
    <${Loaded} of=${preview}>${(found) => html`
      <p><b dir="auto">${form.file.name}</b> · ${programs[found.format] ?? t(`format.${found.format}`)} · ${t('import.lines', { count: found.total })}</p>
      <${Counts} of=${found} />
      ${Object.keys(found.mapping).length > 0 && html`<h2>${t('import.mapping')}</h2><p class="faint">${t('import.mapping.how')}</p>
        <${Mapping} mapping=${found.mapping} set=${(column, field) => setMapping((old) => ({ ...old, [column]: field }))} />`}
      <h2>${t('import.sample')}</h2><${Sample} rows=${found.sample} />
      <div class="actions"><button type="button" disabled=${busy || found.created + found.updated === 0} onClick=${start}>
        ${busy ? t('wait') : t('import.start')}</button>
        <button type="button" class="quiet" onClick=${back}>${t('import.other')}</button></div>`}<//>
    ${!preview.data && preview.error && html`<p><button type="button" class="quiet" onClick=${back}>${t('import.other')}</button></p>`}
    ${error && html`<${Failure} error=${error} />`}`;
}

function Counts({ of }) {
  return html`<ul class="chips">${outcomes.filter((name) => of[name] > 0).map((name) => html`<li class="chip"><span>
    ${t(`outcome.${name}`)}: ${of[name]}</span></li>`)}</ul>`;
}

function Mapping({ mapping, set }) {
  return html`<div class="scroll"><table><thead><tr><th scope="col">${t('import.column')}</th><th scope="col">${t('field')}</th></tr></thead>
    <tbody>${Object.entries(mapping).map(([column, field]) => html`<tr key=${column}><th scope="row" dir="auto">${column}</th>
      <td><select aria-label=${t('import.field_of', { column })} value=${field} onChange=${(event) => set(column, event.target.value)}>
        <option value="">${t('import.left_out')}</option>
        ${[...new Set([...fields, field])].filter(Boolean).map((name) => html`<option value=${name}>${fieldName(name)}</option>`)}
      </select></td></tr>`)}</tbody></table></div>`;
}

const fieldName = (name) => (has(`field.${name}`) ? t(`field.${name}`) : has(`import.field.${name}`) ? t(`import.field.${name}`) : name);

function Sample({ rows }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${t('import.sample')}><table><thead><tr>
      ${['import.line', 'field.title', 'field.authors', 'field.isbn', 'status', 'shelves', 'import.outcome'].map((name) => html`<th scope="col">${t(name)}</th>`)}
    </tr></thead><tbody>${rows.map(({ line, book, reading, shelves, outcome, reason, title }) => html`<tr key=${line}>
      <td>${line}</td><th scope="row" dir="auto">${book.title ?? title}</th><td dir="auto">${(book.authors ?? []).join(', ')}</td><td>${book.isbn}</td>
      <td>${reading.status && t(`status.${reading.status}`)}</td><td dir="auto">${shelves.join(', ')}</td>
      <td>${t(`outcome.${outcome}`)}${reason && html`<br /><small>${reason}</small>`}</td></tr>`)}</tbody></table></div>`;
}

function Earlier() {
  const list = useList('/imports');
  return html`<${Loaded} of=${list}>${(imports) => imports.length > 0 && html`<h2>${t('import.earlier')}</h2>
    <ul class="rows">${imports.map((one) => html`<li key=${one._id} class="line"><span class="text">
      <a href="/app/import/${one._id}" dir="auto"><b>${one.file_name || t('import')}</b></a>
      <i>${t(`import.${one.state}`)} · ${formatTime(one.created_at)}</i></span></li>`)}</ul><${More} list=${list} />`}<//>`;
}

// useImport returns an import, kept up to date by the server's events, and an error. If the stream ends early, such as when the
// token has expired, it asks for the import, which renews the token, and listens again.
function useImport(id) {
  const [job, setJob] = useState();
  const [error, setError] = useState(null);
  useEffect(() => {
    let stream;
    let timer;
    const listen = async () => {
      try {
        const { data } = await get(`/imports/${id}`);
        setJob(data);
        setError(null);
        if (data.finished_at) return;
      } catch (failure) {
        setError(failure);
        if (failure.status !== 0) return;
        timer = setTimeout(listen, 2_000); // the server may come back
        return;
      }
      stream = new EventSource(`/imports/${id}/events`);
      stream.addEventListener('progress', (event) => setJob(JSON.parse(event.data)));
      stream.addEventListener('end', (event) => {
        stream.close();
        setJob(JSON.parse(event.data));
      });
      stream.addEventListener('error', () => {
        stream.close();
        timer = setTimeout(listen, 1_000);
      });
    };
    listen();
    return () => {
      clearTimeout(timer);
      stream?.close();
    };
  }, [id]);
  return { data: job, error, setJob };
}

export function ImportJob({ item: id }) {
  usePage(t('import'));
  const job = useImport(id);
  const finished = Boolean(job.data?.finished_at);
  useEffect(() => { if (finished) forgetBooks(); }, [finished]);
  return html`<p><a href="/app/import">${t('import')}</a></p>
    <${Loaded} of=${job}>${(one) => html`<h1 dir="auto">${one.file_name || t('import')}</h1>
      <p role="status">${t(`import.${one.state}`)}${one.reason && html`: ${one.reason}`}</p>
      ${!finished && html`<${Progress} job=${one} />`}
      <${Counts} of=${one} />
      ${job.error && html`<${Failure} error=${job.error} />`}
      ${finished && html`<${Report} job=${one} />`}`}<//>`;
}

function Progress({ job }) {
  const [run, error, busy] = useAction();
  return html`<p><progress max=${job.total} value=${job.done} aria-label=${t('import.progress')}></progress></p>
    <p class="faint">${t('import.done_of', { done: job.done, total: job.total })}
      ${job.estimated_end && html` · ${t('import.until', { time: formatTime(job.estimated_end) })}`}</p>
    <p><button type="button" class="quiet" disabled=${busy} onClick=${() => run(() => remove(`/imports/${job._id}`))}>${t('import.cancel')}</button></p>
    ${error && html`<${Failure} error=${error} />`}`;
}

function Report({ job }) {
  const shown = outcomes.filter((name) => job[name] > 0);
  const [outcome, setOutcome] = useState(job.failed > 0 ? 'failed' : '');
  const list = useList(`/imports/${job._id}/rows`, { outcome });
  return html`<h2>${t('import.report')}</h2>
    <div class="actions"><label class="pick"><span class="hidden">${t('import.outcome')}</span>
        <select value=${outcome} onChange=${(event) => setOutcome(event.target.value)}><option value="">${t('import.all_lines')}</option>
        ${shown.map((name) => html`<option value=${name}>${t(`outcome.${name}`)} (${job[name]})</option>`)}</select></label>
      <a class="button quiet" href="/imports/${job._id}/rows?format=csv" download>${t('import.csv')}</a>
      <a class="button" href="/app/">${t('to_library')}</a></div>
    <${Loaded} of=${list}>${(rows) => html`<div class="scroll" tabindex="0" role="region" aria-label=${t('import.report')}><table><thead><tr>
        ${['import.line', 'field.title', 'import.outcome', 'import.reason'].map((name) => html`<th scope="col">${t(name)}</th>`)}</tr></thead>
      <tbody>${rows.map((row) => html`<tr key=${row.line}><td>${row.line}</td>
        <th scope="row" dir="auto">${row.book_id && row.title ? html`<a href="/app/books/${row.book_id}">${row.title}</a>` : row.title}</th>
        <td>${t(`outcome.${row.outcome}`)}</td><td>${row.reason}</td></tr>`)}</tbody></table></div><${More} list=${list} />`}<//>`;
}
