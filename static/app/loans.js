// Who has which book, and what the person has borrowed.
import { html, useState } from './preact.js';
import { get, post } from './api.js';
import { useAddress } from './router.js';
import { forgetBooks } from './booklist.js';
import { useList } from './lists.js';
import { parseISBNs } from './isbn.js';
import { Scanner } from './scanner.js';
import { Failure, Field, Form, Loaded, More, useAction, usePage } from './ui.js';
import { say } from './toasts.js';
import { formatDate, formatTime, t } from './i18n.js';

// The lists by the name of their tab. Overdue loans are a list of their own, so that they come first however many there are.
const tabs = {
  lent: [['overdue', { direction: 'lent', state: 'overdue' }], ['open', { direction: 'lent', state: 'open' }]],
  borrowed: [['overdue', { direction: 'borrowed', state: 'overdue' }], ['open', { direction: 'borrowed', state: 'open' }]],
  returned: [['returned', { direction: 'lent', state: 'returned' }]],
};

export function Loans() {
  const { searchParams } = useAddress();
  const tab = tabs[searchParams.get('show')] ? searchParams.get('show') : 'lent';
  const [returned, setReturned] = useState(0);
  usePage(t('loans'));
  return html`<h1>${t('loans')}</h1>
    <nav class="tabs" aria-label=${t('loans')}>${Object.keys(tabs).map((name) => html`<a href="/app/loans?show=${name}"
      aria-current=${tab === name ? 'page' : undefined}>${t(`loans.${name}`)}</a>`)}</nav>
    ${tab === 'lent' && html`<${TakeBack} onReturn=${() => setReturned(returned + 1)} />`}
    ${tabs[tab].map(([name, query]) => html`<${LoanList} key=${tab + name + returned} name=${name} query=${query} />`)}`;
}

// TakeBack takes back the book whose ISBN is typed or scanned, if one person has it.
function TakeBack({ onReturn }) {
  const takeBack = async (isbn) => {
    const { data: books } = await get('/books/', { isbn, on_loan: true, limit: 2 });
    if (books.length === 0) return say(t('scan.not_lent', { isbn }));
    const [{ title, loan, on_loan: lent }] = books;
    if (books.length > 1 || lent > 1) return say(t('scan.several', { title }));
    await post(`/loans/${loan._id}/return`);
    forgetBooks();
    onReturn();
    return say(t('loan.returned', { title }));
  };
  const [run, error] = useAction();
  return html`<${Form} submit=${t('loan.take_back')} onSubmit=${async ({ isbn }, form) => {
    const [found] = parseISBNs(isbn);
    if (!found) return say(t('add.no_isbn'));
    await takeBack(found);
    return form.reset();
  }}>${() => html`<${Field} label=${t('scan.take_back')} name="isbn" inputmode="numeric" autocomplete="off" />`}<//>
  <${Scanner} onISBN=${(isbn) => run(() => takeBack(isbn))} />
  ${error && html`<${Failure} error=${error} />`}`;
}

function LoanList({ name, query }) {
  const list = useList('/loans', query);
  const [run, error] = useAction();
  const takeBack = (loan) => run(async () => {
    await post(`/loans/${loan._id}/return`);
    forgetBooks();
    list.change((loans) => loans.filter((other) => other !== loan));
    say(t('loan.returned', { title: loan.title }));
  });
  const remind = ({ _id, to }) => run(async () => {
    await post(`/loans/${_id}/remind`);
    say(t('loan.reminded', { to }));
  });
  // The server counts overdue loans as open; they are shown above.
  const shown = (loans) => (name === 'open' ? loans.filter(({ state }) => state !== 'overdue') : loans);
  return html`<${Loaded} of=${list}>${(loans) => {
    if (shown(loans).length === 0) return name !== 'overdue' && html`<p class="empty">${t(`loans.none.${name}`)}</p>`;
    return html`<section><h2 class=${name === 'overdue' ? 'alarm' : ''}>${t(`loans.${name}`)}</h2>
      <ul class="rows">${shown(loans).map((loan) => html`<li key=${loan._id} class="line">
        <span class="text"><a href="/app/books/${loan.book_id}" dir="auto"><b>${loan.title}</b></a>
          <i dir="auto">${query.direction === 'lent' ? t('loan.with', { to: loan.to }) : ''}</i></span>
        <span class="side"><small>${when(loan)}</small>
          ${query.direction === 'lent' && name !== 'returned' && html`
            ${loan.borrower_id && html`<button type="button" class="quiet small" onClick=${() => remind(loan)}
              aria-label=${t('loan.remind_of', loan)}>${t('loan.remind')}</button>`}
            <button type="button" class="quiet small" onClick=${() => takeBack(loan)}
              aria-label=${t('loan.take_back_of', loan)}>${t('loan.take_back')}</button>`}</span></li>`)}</ul>
      <${More} list=${list} /></section>`;
  }}<//>
  ${error && html`<${Failure} error=${error} />`}`;
}

function when(loan) {
  if (loan.returned_at) return t('loan.returned_at', { time: formatTime(loan.returned_at) });
  return loan.due ? t('loan.due_on', { due: formatDate(loan.due) }) : t('loan.no_due');
}
