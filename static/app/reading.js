// What the person reads, has read and wants to read; and a year in numbers.
import { html, useState } from './preact.js';
import { get, put } from './api.js';
import { navigate, useAddress } from './router.js';
import { useList } from './lists.js';
import { Bars, Columns } from './charts.js';
import { Cover, Field, Form, Loaded, More, Stars, useLoad, usePage } from './ui.js';
import { formatDate, formatNumber, languageName, monthNames, t } from './i18n.js';

const tabs = ['reading', 'want', 'read', 'abandoned', 'year'];

export function Reading() {
  const { searchParams } = useAddress();
  const tab = tabs.includes(searchParams.get('show')) ? searchParams.get('show') : 'reading';
  usePage(t('reading'));
  return html`<h1>${t('reading')}</h1>
    <nav class="tabs" aria-label=${t('reading')}>${tabs.map((name) => html`<a href="/app/reading?show=${name}"
      aria-current=${tab === name ? 'page' : undefined}>${t(name === 'year' ? 'year' : `status.${name}`)}</a>`)}</nav>
    ${tab === 'year' ? html`<${Year} year=${Number(searchParams.get('year')) || new Date().getFullYear()} />`
    : html`<${Readings} key=${tab} status=${tab} />`}`;
}

function Readings({ status }) {
  const list = useList('/reading', { status, sort: status === 'read' ? '-finished' : '-updated' });
  return html`<${Loaded} of=${list}>${(books) => (books.length === 0 ? html`<p class="empty">${t('reading.none')}</p>`
    : html`<ul class="rows">${books.map((book) => html`<li key=${book._id}><a class="line" href="/app/books/${book._id}">
        <span class="tiny"><${Cover} book=${book} sizes="3rem" decorative /></span>
        <span class="text"><b dir="auto">${book.title}</b> <i dir="auto">${(book.authors ?? []).join(', ')}</i></span>
        <${Detail} reading=${book.reading} pages=${book.pages} /></a></li>`)}</ul>
      <${More} list=${list} />`)}<//>`;
}

function Detail({ reading, pages }) {
  const { progress, reads, rating } = reading;
  const finished = reads.at(-1)?.finished;
  if (reading.status === 'reading' && progress) {
    const most = progress.page !== undefined ? pages || progress.page : 100;
    const value = progress.page ?? progress.percent;
    return html`<span class="side"><progress value=${value} max=${most} aria-label=${t('progress')}></progress>
      <small>${progress.page !== undefined ? t('progress.at', { page: progress.page }) : `${progress.percent} %`}</small></span>`;
  }
  return html`<span class="side"><${Stars} rating=${rating} />${finished && html`<small>${formatDate(finished)}</small>`}</span>`;
}

function Year({ year }) {
  const stats = useLoad(async () => (await get('/stats', { year })).data, [year]);
  return html`<${Loaded} of=${stats}>${(data) => html`<${Statistics} stats=${data} reload=${stats.reload} />`}<//>`;
}

function Statistics({ stats, reload }) {
  const { year, books, pages, goal, months, streak, longest } = stats;
  const bar = (list, name = (value) => value) => list.slice(0, 10).map((one) => ({ label: name(one.name), value: one.books }));
  return html`<div class="year">
    <div class="bar"><button type="button" class="quiet" aria-label=${t('year.before')} onClick=${() => open(year - 1)}>‹</button>
      <h2>${year}</h2>
      <button type="button" class="quiet" aria-label=${t('year.after')} onClick=${() => open(year + 1)}>›</button></div>
    <dl class="figures">
      <div><dt>${t('year.books')}</dt><dd>${formatNumber(books)}</dd></div>
      ${pages > 0 && html`<div><dt>${t('year.pages')}</dt><dd>${formatNumber(pages)}</dd></div>`}
      <div><dt>${t('year.streak')}</dt><dd>${t('year.months', { count: streak })}</dd></div>
      ${longest && html`<div><dt>${t('year.longest')}</dt><dd><a href="/app/books/${longest._id}" dir="auto">${longest.title}</a></dd></div>`}
    </dl>
    <${Goal} year=${year} goal=${goal} books=${books} reload=${reload} />
    <div class="charts">
      <${Columns} title=${t('year.per_month')} values=${months.map((month, i) => ({ label: monthNames[i], value: month.books }))} />
      ${pages > 0 && html`<${Columns} title=${t('year.pages_per_month')} values=${months.map((month, i) => ({ label: monthNames[i], value: month.pages }))} />`}
      <${Columns} title=${t('year.ratings')} values=${ratings(stats.ratings)} />
      <${Bars} title=${t('year.categories')} values=${bar(stats.categories)} />
      <${Bars} title=${t('year.languages')} values=${bar(stats.languages, languageName)} />
      <${Bars} title=${t('year.authors')} values=${bar(stats.authors)} />
    </div>
  </div>`;
}

const open = (year) => navigate(`/app/reading?show=year&year=${year}`, { replace: true });

// ratings returns the number of books for each number of half stars. A quarter star counts as the half star below it.
function ratings(counts) {
  const halves = Array.from({ length: 10 }, (_, i) => ({ label: formatNumber((i + 1) / 2), value: 0 }));
  for (const { rating, books } of counts) if (rating) halves[Math.max(0, Math.floor(rating * 2) - 1)].value += books;
  return halves;
}

function Goal({ year, goal, books, reload }) {
  const [editing, setEditing] = useState(false);
  const save = async (values) => {
    await put(`/stats/goals/${year}`, { books: Number(values.books) || null });
    setEditing(false);
    await reload();
  };
  if (editing) {
    return html`<${Form} submit=${t('save')} cancel=${() => setEditing(false)} onSubmit=${save}>${(errors) => html`
      <${Field} label=${t('goal.books', { year })} name="books" type="number" min="0" value=${goal ?? ''} error=${errors.books} />`}<//>`;
  }
  return html`<p class="goal">${goal ? html`<span>${t('goal.of', { books, goal })}</span>
      <progress value=${books} max=${goal} aria-label=${t('goal')}></progress>` : t('goal.none')}
    <button type="button" class="quiet small" onClick=${() => setEditing(true)}>${t(goal ? 'goal.change' : 'goal.set')}</button></p>`;
}
