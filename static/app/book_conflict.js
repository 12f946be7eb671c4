// What a person sees if somebody else has changed a book while they edited it.
import { html } from './preact.js';
import { Dialog, Failure, useAction } from './ui.js';
import { t } from './i18n.js';

export function Conflict({ changes, theirs, keepMine, takeTheirs, close }) {
  const [run, error, busy] = useAction();
  return html`<${Dialog} title=${t('conflict')} onClose=${close}>
    <p>${t('conflict.why')}</p>
    <table><thead><tr><th scope="col"><span class="hidden">${t('field')}</span></th><th scope="col">${t('conflict.mine')}</th>
      <th scope="col">${t('conflict.theirs')}</th></tr></thead>
      <tbody>${Object.entries(changes).map(([name, value]) => html`<tr><th scope="row">${t(`field.${name}`)}</th>
        <td dir="auto">${shown(value)}</td><td dir="auto">${shown(theirs[name])}</td></tr>`)}</tbody></table>
    <div class="actions">
      <button type="button" disabled=${busy} onClick=${() => run(keepMine)}>${t('conflict.keep_mine')}</button>
      <button type="button" class="quiet" onClick=${takeTheirs}>${t('conflict.take_theirs')}</button>
    </div>
    ${error && html`<${Failure} error=${error} />`}
  <//>`;
}

const shown = (value) => [value].flat().join(', ') || '–';
