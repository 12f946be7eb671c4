// Groups of similar books, to be merged into one of them.
import { html, useState } from './preact.js';
import { localPath, post } from './api.js';
import { forgetBooks } from './booklist.js';
import { useList } from './lists.js';
import { Failure, Loaded, More, useAction, usePage } from './ui.js';
import { say } from './toasts.js';
import { t } from './i18n.js';

export function Duplicates() {
  usePage(t('duplicates'));
  const list = useList('/books/duplicates');
  return html`<h1>${t('duplicates')}</h1><p class="faint">${t('duplicates.how')}</p>
    <${Loaded} of=${list}>${(groups) => (groups.length === 0 ? html`<p class="empty">${t('duplicates.none')}</p>`
    : html`${groups.map((group) => html`<${Group} key=${group.books.map(({ _id }) => _id).join()} group=${group} onMerged=${list.reload} />`)}
      <${More} list=${list} />`)}<//>`;
}

// Group lets the person choose which book to keep, and which of the others to merge into it.
function Group({ group, onMerged }) {
  const [kept, setKept] = useState(group.books[0]._id);
  const [left, setLeft] = useState([]); // the books that stay as they are
  const [run, error, busy] = useAction();
  const from = group.books.map(({ _id }) => _id).filter((id) => id !== kept && !left.includes(id));
  const toggle = (id, on) => setLeft((old) => (on ? old.filter((other) => other !== id) : [...old, id]));
  const merge = () => run(async () => {
    const { data } = await post(`/books/${kept}/merge`, { from });
    forgetBooks();
    say(t('duplicates.merged', { title: data.title }));
    await onMerged();
  });
  const name = t(`duplicates.${group.same}`);
  return html`<section class="card-box group" aria-label="${group.books[0].title}">
    <h2 dir="auto">${group.books[0].title} <small>${name}</small></h2>
    <div class="scroll" tabindex="0" role="region" aria-label=${name}><table><thead><tr><th scope="col">${t('duplicates.keep')}</th>
      <th scope="col">${t('duplicates.merge_in')}</th><th scope="col">${t('book')}</th><th scope="col">${t('field.published')}</th>
      <th scope="col">${t('field.isbn')}</th></tr></thead>
      <tbody>${group.books.map((book) => html`<tr key=${book._id}>
        <td><input type="radio" name="keep-${group.books[0]._id}" checked=${kept === book._id} onChange=${() => setKept(book._id)}
          aria-label=${t('duplicates.keep_of', { title: book.title })} /></td>
        <td><input type="checkbox" checked=${kept !== book._id && !left.includes(book._id)} disabled=${kept === book._id}
          onChange=${(event) => toggle(book._id, event.target.checked)} aria-label=${t('duplicates.merge_of', { title: book.title })} /></td>
        <th scope="row"><a href="/app/books/${book._id}" class="line" dir="auto"><img class="tiny" src=${localPath(book.image_url)} alt="" />
          <span>${book.title}<br /><i>${(book.authors ?? []).join(', ')}</i></span></a></th>
        <td>${book.published}</td><td>${book.isbn}</td></tr>`)}</tbody></table></div>
    <div class="actions"><button type="button" disabled=${busy || from.length === 0} onClick=${merge}>
      ${busy ? t('wait') : t('duplicates.merge', { count: from.length })}</button></div>
    ${error && html`<${Failure} error=${error} />`}</section>`;
}
