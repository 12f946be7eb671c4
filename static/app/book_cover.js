// The cover of a book. A person changes it by a file that they choose, drop on it or paste, or has it looked up by the ISBN.
import { html, useEffect, useRef, useState } from './preact.js';
import { post, put, remove } from './api.js';
import { Cover, Failure, useAction } from './ui.js';
import { say } from './toasts.js';
import { t } from './i18n.js';

const accepted = 'image/jpeg,image/png,image/gif,image/webp';

export function BookCover({ book, etag, editable, onChange, reload }) {
  const [run, error, busy] = useAction();
  const [over, setOver] = useState(false);
  const send = (file) => file && run(async () => {
    const form = new FormData();
    form.append('cover_image', file);
    const { data, etag: newTag } = await put(`/books/${book._id}/cover`, form, { etag });
    onChange(data, newTag);
  });
  const find = () => run(async () => {
    const { data, etag: newTag } = await post(`/books/${book._id}/cover`, undefined, { etag });
    onChange(data, newTag);
    say(t('cover.found'));
  });
  const clear = () => run(async () => {
    await remove(`/books/${book._id}/cover`, { etag });
    await reload();
  });
  usePasted(editable, send);
  if (!editable) return html`<div class="jacket-side"><${Cover} book=${book} sizes="20rem" first /></div>`;
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    send(event.dataTransfer.files[0]);
  };
  return html`<div class="jacket-side" data-over=${over} aria-busy=${String(busy)} onDrop=${drop} onDragLeave=${() => setOver(false)}
    onDragOver=${(event) => { event.preventDefault(); setOver(true); }}>
    <${Cover} book=${book} sizes="20rem" first />
    <label class="file"><span>${busy ? t('wait') : t('cover.change')}</span>
      <input type="file" accept=${accepted} onChange=${(event) => send(event.target.files[0])} /></label>
    <p class="hint">${t('cover.hint')}</p>
    ${book.isbn && html`<button type="button" class="link" onClick=${() => busy || find()}>${t('cover.find')}</button>`}
    ${Object.keys(book.covers).length > 0 && html`<button type="button" class="link" disabled=${busy} onClick=${clear}>${t('cover.remove')}</button>`}
    ${error && html`<${Failure} error=${error} />`}
  </div>`;
}

// usePasted calls send with a picture that is pasted into the page.
function usePasted(editable, send) {
  const latest = useRef(send);
  latest.current = send;
  useEffect(() => {
    if (!editable) return undefined;
    const onPaste = (event) => {
      const file = [...event.clipboardData.files].find(({ type }) => type.startsWith('image/'));
      if (file) latest.current(file);
    };
    document.addEventListener('paste', onPaste);
    return () => document.removeEventListener('paste', onPaste);
  }, [editable]);
}
