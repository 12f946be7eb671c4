// The form with the fields of a book, to add one or to change one.
import { html } from './preact.js';
import { get } from './api.js';
import { Field, Form, useLoad } from './ui.js';
import { t } from './i18n.js';

const texts = ['title', 'subtitle', 'description', 'category', 'isbn', 'publisher', 'published', 'language', 'series', 'location'];
const numbers = ['series_number', 'pages', 'copies'];

// BookForm calls onSubmit with the fields, as POST /books/ takes them: texts, numbers and lists.
export function BookForm({ book = {}, submit, cancel, onSubmit, children }) {
  const categories = useLoad(async () => (await get('/categories')).data, []);
  const text = (name, rest = {}) => html`<${Field} label=${t(`field.${name}`)} name=${name} value=${book[name]} error=${rest.errors[name]}
    autocomplete="off" dir="auto" ...${rest} errors=${undefined} />`;
  return html`<${Form} submit=${submit} cancel=${cancel} label=${t('book')}
    onSubmit=${(values, form) => onSubmit(parse(values), form)}>${(errors) => html`<div class="fields">
    ${text('title', { errors })}
    ${text('subtitle', { errors })}
    <${Field} label=${t('field.authors')} hint=${t('field.authors.hint')} error=${errors.authors}>
      ${(props) => html`<textarea ...${props} name="authors" rows="2" dir="auto" defaultValue=${(book.authors ?? []).join('\n')}></textarea>`}<//>
    <${Field} label=${t('field.category')} error=${errors.category}>
      ${(props) => html`<select ...${props} name="category" key=${categories.data?.length}>
        ${(categories.data ?? [book.category]).map((name) => html`<option selected=${name === book.category}>${name}</option>`)}</select>`}<//>
    <div class="wide"><${Field} label=${t('field.description')} error=${errors.description}>
      ${(props) => html`<textarea ...${props} name="description" rows="4" dir="auto" defaultValue=${book.description ?? ''}></textarea>`}<//></div>
    ${text('series', { errors })}
    ${text('series_number', { errors, inputmode: 'decimal' })}
    ${text('published', { errors, hint: t('field.published.hint') })}
    ${text('publisher', { errors })}
    ${text('language', { errors, hint: t('field.language.hint') })}
    ${text('isbn', { errors })}
    ${text('pages', { errors, inputmode: 'numeric' })}
    ${text('copies', { errors, inputmode: 'numeric' })}
    ${text('location', { errors })}
    <${Field} label=${t('field.tags')} hint=${t('field.tags.hint')} name="tags" value=${(book.tags ?? []).join(', ')} error=${errors.tags}
      autocomplete="off" dir="auto" />
    ${children?.(errors)}
  </div>`}<//>`;
}

// parse converts the texts of the form to the fields of a book. An empty text becomes null.
function parse(values) {
  const fields = {};
  for (const name of texts) fields[name] = values[name].trim() || null;
  for (const name of numbers) fields[name] = number(values[name]);
  fields.authors = list(values.authors, '\n');
  fields.tags = list(values.tags, ',');
  return fields;
}

// number returns a number, or the text if it is none, for which the server gives the reason.
function number(text) {
  if (text.trim() === '') return null;
  const value = Number(text.replace(',', '.'));
  return Number.isNaN(value) ? text : value;
}

function list(text, separator) {
  const names = text.split(separator).map((name) => name.trim()).filter(Boolean);
  return names.length > 0 ? names : null;
}

// bookChanges returns the fields that differ from the book's.
export function bookChanges(book, fields) {
  const changes = {};
  for (const [name, value] of Object.entries(fields)) {
    const before = book[name] === '' ? null : book[name] ?? null;
    const sorted = name === 'tags' && value ? [...value].sort() : value;
    if (JSON.stringify(before) !== JSON.stringify(sorted)) changes[name] = name === 'description' ? value ?? '' : value;
  }
  return changes;
}
