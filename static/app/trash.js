// The books in the trash.
import { html, useState } from './preact.js';
import { post, remove } from './api.js';
import { forgetBooks } from './booklist.js';
import { useList } from './lists.js';
import { Cover, Dialog, Failure, Loaded, More, useAction, usePage } from './ui.js';
import { say } from './toasts.js';
import { formatTime, t } from './i18n.js';

export function Trash() {
  usePage(t('trash'));
  const list = useList('/trash');
  const [run, error] = useAction();
  const [asking, setAsking] = useState(null); // the book to delete for ever, or 'all'
  const drop = (book) => list.change((books) => books.filter((other) => other !== book));
  const restore = (book) => run(async () => {
    await post(`/trash/${book._id}/restore`);
    forgetBooks();
    drop(book);
    say(t('restored', { title: book.title }));
  });
  const deleteForEver = () => run(async () => {
    setAsking(null);
    await remove(asking === 'all' ? '/trash' : `/trash/${asking._id}`);
    if (asking === 'all') await list.reload();
    else drop(asking);
  });
  return html`<h1>${t('trash')}</h1>
    <${Loaded} of=${list}>${(books) => (books.length === 0 ? html`<p class="empty">${t('trash.none')}</p>`
    : html`<ul class="rows">${books.map((book) => html`<li key=${book._id} class="line">
        <span class="tiny"><${Cover} book=${book} sizes="3rem" decorative /></span>
        <span class="text"><b dir="auto">${book.title}</b> <i>${book.expires_at && t('trash.until', { time: formatTime(book.expires_at) })}</i></span>
        <span class="side"><button type="button" class="quiet small" onClick=${() => restore(book)}
            aria-label=${t('trash.restore_of', { title: book.title })}>${t('trash.restore')}</button>
          <button type="button" class="link" onClick=${() => setAsking(book)}
            aria-label=${t('trash.delete_of', { title: book.title })}>${t('trash.delete')}</button></span></li>`)}</ul>
      <${More} list=${list} />
      <p><button type="button" class="quiet" onClick=${() => setAsking('all')}>${t('trash.empty')}</button></p>`)}<//>
    ${error && html`<${Failure} error=${error} />`}
    ${asking && html`<${Dialog} title=${t(asking === 'all' ? 'trash.empty' : 'trash.delete')} onClose=${() => setAsking(null)}>
      <p>${asking === 'all' ? t('trash.sure_all') : t('trash.sure', { title: asking.title })}</p>
      <div class="actions"><button type="button" onClick=${deleteForEver}>${t('trash.delete')}</button>
        <button type="button" class="quiet" onClick=${() => setAsking(null)}>${t('cancel')}</button></div><//>`}`;
}
