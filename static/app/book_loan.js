// Lending a book and taking it back.
import { html, useState } from './preact.js';
import { patch, post } from './api.js';
import { Failure, Field, Form, useAction } from './ui.js';
import { say } from './toasts.js';
import { formatDate, t } from './i18n.js';

export function BookLoan({ book, reload }) {
  const [lending, setLending] = useState(false);
  const [run, error, busy] = useAction();
  const lend = async ({ to, due }) => {
    await post(`/books/${book._id}/loans`, { to, due: due || null });
    setLending(false);
    say(t('loan.lent', { title: book.title, to }));
    await reload();
  };
  const takeBack = () => run(async () => {
    await post(`/loans/${book.loan._id}/return`);
    say(t('loan.returned', { title: book.title }));
    await reload();
  });
  const setDue = (event) => run(async () => {
    await patch(`/loans/${book.loan._id}`, { due: event.target.value || null });
    await reload();
  });
  const left = (book.copies || 1) > book.on_loan;
  return html`<section class="card-box"><h2>${t('loan')}</h2>
    ${book.loan && html`<p dir="auto">${t(book.loan.due ? 'loan.to_due' : 'loan.to', { to: book.loan.to, due: formatDate(book.loan.due) })}</p>
      <${Field} label=${t('loan.due')}>${(props) => html`<input ...${props} type="date" value=${book.loan.due ?? ''} onChange=${setDue} />`}<//>
      <div class="actions"><button type="button" disabled=${busy} onClick=${takeBack}>${t('loan.take_back')}</button></div>`}
    ${left && !lending && html`<button type="button" class="quiet" onClick=${() => setLending(true)}>${t('loan.lend')}</button>`}
    ${lending && html`<${Form} submit=${t('loan.lend')} cancel=${() => setLending(false)} onSubmit=${lend}>${(fields) => html`
      <${Field} label=${t('loan.borrower')} hint=${t('loan.borrower.hint')} name="to" autocomplete="off" error=${fields.to} />
      <${Field} label=${t('loan.due')} name="due" type="date" error=${fields.due} />`}<//>`}
    ${error && html`<${Failure} error=${error} />`}
  </section>`;
}
