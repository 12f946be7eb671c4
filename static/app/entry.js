// Log-in and sign-up, for whoever is not signed in.
import { html, useRef, useState } from './preact.js';
import { post } from './api.js';
import { navigate, useAddress } from './router.js';
import { giveUp, startSession } from './session.js';
import { Dialog, Field, Form, usePage, errorText } from './ui.js';
import { say } from './toasts.js';
import { t } from './i18n.js';

export function Entry() {
  const { pathname, searchParams } = useAddress();
  const invitation = searchParams.get('invitation') ?? undefined;
  const signingUp = pathname === '/app/sign-up' || invitation !== undefined;
  const title = t(signingUp ? 'sign_up' : 'log_in');
  usePage(title);
  return html`<main class="alone">
    <p class="plate"><small>${t('ex_libris')}</small> Bookplate</p>
    <div class="card-box">
      <h1>${title}</h1>
      ${signingUp ? html`<${SignUp} invitation=${invitation} />` : html`<${LogIn} />`}
    </div>
    <p class="aside">${signingUp ? html`${t('have_account')} <a href="/app/">${t('log_in')}</a>`
    : html`${t('no_account')} <a href="/app/sign-up">${t('sign_up')}</a>`}</p>
    <p class="aside"><a href="/docs/">${t('api')}</a></p>
  </main>`;
}

function LogIn({ email }) {
  const [said, setSaid] = useState('');
  const form = useRef(null);
  const forgot = async () => {
    setSaid('');
    const address = form.current.querySelector('[name=email]').value;
    try {
      await post('/users/password/forgot', { email: address }, { quiet: true });
      setSaid(t('password.sent'));
    } catch (error) {
      setSaid(error.fields?.email ? `${t('email')} ${error.fields.email}.` : errorText(error));
    }
  };
  return html`<div ref=${form}>
    <${Form} submit=${t('log_in')} onSubmit=${(values) => startSession(values.email, values.password)}
      extra=${html`<button type="button" class="quiet" onClick=${forgot}>${t('forgot')}</button>`}>
      ${(fields) => html`
        <${Field} label=${t('email')} name="email" type="email" autocomplete="username" value=${email} error=${fields.email} />
        <${Field} label=${t('password')} name="password" type="password" autocomplete="current-password" error=${fields.password} />`}
    <//>
    <p role="status">${said}</p>
  </div>`;
}

function SignUp({ invitation }) {
  const signUp = async ({ name, email, password }) => {
    await post('/users/', { name, email, password, invitation }, { quiet: true });
    await startSession(email, password);
    navigate('/app/', { replace: true }); // the invitation is used up
    say(t('welcome', { name }));
  };
  return html`<${Form} submit=${t('sign_up')} onSubmit=${signUp}>
    ${(fields) => html`
      <${Field} label=${t('name')} name="name" autocomplete="name" error=${fields.name} />
      <${Field} label=${t('email')} name="email" type="email" autocomplete="email" error=${fields.email} />
      <${Field} label=${t('password')} hint=${t('password.hint')} name="password" type="password" autocomplete="new-password"
        error=${fields.password} />`}
  <//>`;
}

// LogInAgain asks for the password in a dialog, while the page behind keeps what was typed.
export function LogInAgain({ user }) {
  return html`<${Dialog} title=${t('log_in_again')} onClose=${giveUp}>
    <p>${t('log_in_again.why')}</p>
    <${LogIn} email=${user.email} />
  <//>`;
}
