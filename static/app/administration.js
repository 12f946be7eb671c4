// For administrators: accounts, invitations, the audit log and the state of the server.
import { html, useState } from './preact.js';
import { get, post, put } from './api.js';
import { useAddress } from './router.js';
import { useList } from './lists.js';
import { Failure, Field, Form, Loaded, More, useAction, useLoad, usePage } from './ui.js';
import { say } from './toasts.js';
import { formatTime, t } from './i18n.js';

const tabs = { accounts: Accounts, invitations: Invitations, audit: Audit, server: Server };
const roles = ['user', 'librarian', 'admin'];

export function Administration({ user }) {
  const { searchParams } = useAddress();
  const tab = tabs[searchParams.get('show')] ? searchParams.get('show') : 'accounts';
  usePage(t('administration'));
  return html`<h1>${t('administration')}</h1>
    <nav class="tabs" aria-label=${t('administration')}>${Object.keys(tabs).map((name) => html`<a href="/app/administration?show=${name}"
      aria-current=${tab === name ? 'page' : undefined}>${t(`admin.${name}`)}</a>`)}</nav>
    <${tabs[tab]} user=${user} />`;
}

function Accounts({ user }) {
  const [q, setQ] = useState('');
  const list = useList('/users/all', { q });
  const [run, error] = useAction();
  const change = (account, part) => run(async () => {
    const { data } = await put(`/users/${account._id}`, part);
    list.change((accounts) => accounts.map((other) => (other === account ? data : other)));
    say(t('saved'));
  });
  return html`<${Field} label=${t('admin.find')} type="search" autocomplete="off" value=${q} onChange=${(event) => setQ(event.target.value)} />
    ${error && html`<${Failure} error=${error} />`}
    <${Loaded} of=${list}>${(accounts) => html`<ul class="rows">${accounts.map((account) => html`<li key=${account._id} class="line">
      <span class="text"><b dir="auto">${account.name}</b> <i>${account.email}</i>
        ${!account.active && html` <span class="tag">${t('admin.disabled')}</span>`}</span>
      ${account._id !== user._id && html`<span class="side">
        <select aria-label=${t('admin.role_of', { name: account.name })} value=${account.role} onChange=${(event) => change(account, { role: event.target.value })}>
          ${roles.map((role) => html`<option value=${role}>${t(`role.${role}`)}</option>`)}</select>
        <button type="button" class="quiet small" onClick=${() => change(account, { active: !account.active })}
          aria-label=${t(account.active ? 'admin.disable_of' : 'admin.enable_of', { name: account.name })}>
          ${t(account.active ? 'admin.disable' : 'admin.enable')}</button></span>`}</li>`)}</ul>
      <${More} list=${list} />`}<//>`;
}

function Invitations() {
  const [link, setLink] = useState(null);
  const invite = async ({ email }) => setLink((await post('/invitations', { email })).data);
  return html`<p>${t('invite.how')}</p>
    <${Form} submit=${t('invite')} onSubmit=${invite}>${(errors) => html`
      <${Field} label=${t('email')} hint=${t('invite.hint')} name="email" type="email" autocomplete="off" error=${errors.email} />`}<//>
    ${link && html`<${Field} label=${t('invite.link')} hint=${t('invite.until', { time: formatTime(link.expires_at) })} readonly value=${link.link}
      onFocus=${(event) => event.target.select()} />`}`;
}

function Audit() {
  const list = useList('/audit');
  return html`<${Loaded} of=${list}>${(entries) => html`<div class="scroll" tabindex="0" role="region" aria-label=${t('admin.audit')}><table>
      <thead><tr><th scope="col">${t('audit.at')}</th><th scope="col">${t('audit.action')}</th><th scope="col">${t('audit.detail')}</th>
        <th scope="col">${t('audit.actor')}</th><th scope="col">${t('audit.ip')}</th></tr></thead>
      <tbody>${entries.map((entry) => html`<tr key=${entry._id}><td>${formatTime(entry.at)}</td><td>${entry.action}</td><td>${entry.detail}</td>
        <td>${entry.actor_id ?? t('audit.operator')}</td><td>${entry.ip}</td></tr>`)}</tbody></table></div>
    <${More} list=${list} />`}<//>`;
}

function Server() {
  const state = useLoad(async () => (await get('/readyz')).data, []);
  return html`<${Loaded} of=${state}>${({ version, database }) => html`<dl class="facts">
    <div><dt>${t('server.version')}</dt><dd>${version}</dd></div><div><dt>${t('server.database')}</dt><dd>${database}</dd></div></dl>`}<//>`;
}
