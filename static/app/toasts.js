// Messages that appear at the bottom of the window and go away, such as "In the trash" with a button to undo it.
import { html, useEffect, useState } from './preact.js';
import { t } from './i18n.js';

const shownFor = 8_000; // milliseconds; longer if there is something to press

let current = null;
let changed = () => {};

// say shows a message. action is null or { label, run }.
export function say(text, action = null) {
  current = { text, action };
  changed(current);
}

export function Toasts() {
  const [toast, setToast] = useState(current);
  useEffect(() => {
    changed = setToast;
    setToast(current); // one may have come since the first render
  }, []);
  useEffect(() => {
    if (!toast) return undefined;
    const timer = setTimeout(() => setToast(null), toast.action ? 2 * shownFor : shownFor);
    return () => clearTimeout(timer);
  }, [toast]);
  return html`<div class="toasts" role="status">${toast && html`<div class="toast">
    <span>${toast.text}</span>
    ${toast.action && html`<button type="button" onClick=${() => { setToast(null); toast.action.run(); }}>${toast.action.label}</button>`}
    <button type="button" aria-label=${t('close')} onClick=${() => setToast(null)}>×</button>
  </div>`}</div>`;
}
