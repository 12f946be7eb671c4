// The person's own account: names, address, password and sessions.
import { html } from './preact.js';
import { patch, post, put, remove } from './api.js';
import { sessionEnded, setUser } from './session.js';
import { useList } from './lists.js';
import { Failure, Field, Form, Loaded, More, useAction, usePage } from './ui.js';
import { say } from './toasts.js';
import { chooseLanguage, formatTime, language, languages, t } from './i18n.js';

const formats = ['zip', 'json', 'csv', 'goodreads'];

export function Settings({ user }) {
  usePage(t('settings'));
  return html`<h1>${t('settings')}</h1>
    <div class="columns">
      <section class="card-box"><h2>${t('profile')}</h2><${Profile} user=${user} /></section>
      <section class="card-box"><h2>${t('email')}</h2><${Email} user=${user} /></section>
      <section class="card-box"><h2>${t('password')}</h2><${Password} user=${user} /></section>
      <section class="card-box"><h2>${t('sessions')}</h2><${Sessions} /></section>
      <section class="card-box"><h2>${t('language')}</h2><select aria-label=${t('language')} value=${language}
        onChange=${(event) => chooseLanguage(event.target.value)}>
        ${Object.entries(languages).map(([tag, name]) => html`<option value=${tag} lang=${tag}>${name}</option>`)}</select></section>
      <section class="card-box"><h2>${t('export')}</h2><p>${t('export.how')}</p>
        <ul>${formats.map((format) => html`<li><a href="/export?format=${format}" download>${t(`export.${format}`)}</a></li>`)}</ul></section>
    </div>`;
}

function Profile({ user }) {
  const save = async ({ name, username }) => {
    const { data } = await patch('/users/', { name, username: username || null });
    setUser(data);
    say(t('saved'));
  };
  return html`<${Form} submit=${t('save')} onSubmit=${save}>${(errors) => html`
    <${Field} label=${t('name')} name="name" autocomplete="name" value=${user.name} error=${errors.name} />
    <${Field} label=${t('username')} hint=${t('optional')} name="username" autocomplete="off" value=${user.username ?? ''} error=${errors.username} />`}<//>`;
}

function Email({ user }) {
  const save = async ({ email, password }, form) => {
    const { message } = await put('/users/email', { email, password });
    form.reset();
    say(`${message}.`);
  };
  return html`<p>${t('email.now', { email: user.email })}</p>
    <${Form} submit=${t('email.change')} onSubmit=${save}>${(errors) => html`
    <${Field} label=${t('email.new')} name="email" type="email" autocomplete="off" error=${errors.email} />
    <${Field} label=${t('password')} name="password" type="password" autocomplete="current-password" error=${errors.password} />`}<//>`;
}

function Password({ user }) {
  const save = async ({ old, next }, form) => {
    await put('/users/password', { old_password: old, new_password: next });
    form.reset();
    say(t('password.changed'));
  };
  return html`<${Form} submit=${t('password.change')} onSubmit=${save}>${(errors) => html`
    <input type="hidden" name="email" autocomplete="username" value=${user.email} />
    <${Field} label=${t('password.old')} name="old" type="password" autocomplete="current-password" error=${errors.old_password} />
    <${Field} label=${t('password.new')} hint=${t('password.hint')} name="next" type="password" autocomplete="new-password" error=${errors.new_password} />`}<//>`;
}

function Sessions() {
  const list = useList('/auth/sessions');
  const [run, error] = useAction();
  const end = (session) => run(async () => {
    await remove(`/auth/sessions/${session._id}`);
    if (session.current) sessionEnded();
    else list.change((sessions) => sessions.filter((other) => other !== session));
  });
  const endAll = () => run(async () => {
    await post('/auth/logout-all');
    sessionEnded();
  });
  return html`<${Loaded} of=${list}>${(sessions) => html`<ul class="rows">${sessions.map((session) => html`<li key=${session._id} class="line">
      <span class="text"><b>${browserName(session.user_agent)}</b> <i>${t('session.from', { ip: session.ip })}</i>
        <small>${session.current ? t('session.current') : t('session.used', { time: formatTime(session.last_used_at) })}</small></span>
      <span class="side"><button type="button" class="quiet small" onClick=${() => end(session)}
        aria-label=${t('session.end_of', { browser: browserName(session.user_agent) })}>${t('session.end')}</button></span></li>`)}</ul>
    <${More} list=${list} />
    <p><button type="button" class="quiet" onClick=${endAll}>${t('session.end_all')}</button></p>`}<//>
    ${error && html`<${Failure} error=${error} />`}`;
}

// browserName returns a short name for the browser of a User-Agent header.
function browserName(userAgent) {
  const browser = [['Edg/', 'Edge'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']].find(([part]) => userAgent.includes(part));
  const system = ['Windows', 'Android', 'iPhone', 'iPad', 'Mac OS', 'Linux'].find((part) => userAgent.includes(part));
  return [browser?.[1] ?? userAgent.split(' ')[0] ?? '?', system].filter(Boolean).join(', ');
}
