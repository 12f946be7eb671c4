// What a person records about reading a book: status, rating, progress, dates and notes. Each change is saved at once.
import { html, useId, useRef, useState } from './preact.js';
import { remove } from './api.js';
import { sendOrWait } from './offline.js';
import { Failure, Field, useAction } from './ui.js';
import { t } from './i18n.js';

const noReading = { status: null, rating: null, progress: null, reads: [], review: '' };
const statuses = ['want', 'reading', 'read', 'abandoned'];

// changedReading returns a reading, or null, with changes that are not saved yet.
export const changedReading = (reading, ...changes) => Object.assign({}, noReading, reading, ...changes);

export function BookReading({ book, waits, onChange }) {
  const [run, error] = useAction();
  const [saved, setSaved] = useState('');
  const { reading } = book;
  const save = (change) => run(async () => {
    setSaved('');
    const sent = await sendOrWait('PATCH', `/books/${book._id}/reading`, change, book.title);
    onChange(sent.waits ? changedReading(reading, change) : sent.data);
    if (!sent.waits) setSaved(t('saved'));
  });
  const clear = () => run(async () => {
    await remove(`/books/${book._id}/reading`);
    onChange(null);
    setSaved(t('reading.removed'));
  });
  return html`<section class="card-box"><h2>${t('my_reading')}</h2>
    <${Status} status=${reading?.status} save=${save} />
    ${reading && html`
      <${Rating} rating=${reading.rating} save=${save} />
      ${reading.status === 'reading' && html`<${Progress} progress=${reading.progress} pages=${book.pages} save=${save} />`}
      ${reading.status !== 'want' && html`<${Reads} reads=${reading.reads} save=${save} />`}
      <${Field} label=${t('notes')} hint=${t('notes.hint')} error=${error?.fields?.review}>${(props) => html`<textarea ...${props} rows="3" dir="auto"
        defaultValue=${reading.review} onChange=${(event) => save({ review: event.target.value })}></textarea>`}<//>
      <button type="button" class="link" onClick=${clear}>${t('reading.remove')}</button>`}
    <p class="faint" role="status">${waits ? t('offline.waits') : saved}</p>
    ${error && html`<${Failure} error=${error} />`}
  </section>`;
}

function Status({ status, save }) {
  const [chosen, setChosen] = useState(null); // until it is saved
  const choose = async (name) => {
    setChosen(name);
    await save({ status: name });
    setChosen(null);
  };
  return html`<fieldset class="choice"><legend>${t('status')}</legend>
    ${statuses.map((name) => html`<label><input type="radio" name="status" value=${name} checked=${(chosen ?? status) === name}
      onChange=${() => choose(name)} /><span>${t(`status.${name}`)}</span></label>`)}
  </fieldset>`;
}

// Rating is a slider of half stars. Zero is no rating. While one rating is being saved, the slider may move on; then the last one is
// saved, too.
function Rating({ rating, save }) {
  const id = useId();
  const [shown, setShown] = useState(null); // until it is saved
  const wanted = useRef(null);
  const send = async (stars) => {
    const sending = wanted.current !== null;
    wanted.current = stars;
    if (sending) return;
    let sent;
    do {
      sent = wanted.current;
      await save({ rating: sent || null });
    } while (wanted.current !== sent);
    wanted.current = null;
    setShown(null);
  };
  const value = shown ?? rating ?? 0;
  return html`<div class="rating"><label for=${id}>${t('rating')}</label>
    <span class="stars large"><span style=${{ width: `${value * 20}%` }}></span>
      <input id=${id} type="range" min="0" max="5" step="0.5" value=${value} aria-valuetext=${value ? t('rating.value', { rating: value }) : t('rating.none')}
        onInput=${(event) => setShown(Number(event.target.value))}
        onChange=${(event) => send(Number(event.target.value))} /></span>
    <output for=${id}>${value || ''}</output>
  </div>`;
}

// Progress is a page if the number of pages is known, and otherwise a percentage.
function Progress({ progress, pages, save }) {
  const unit = progress?.percent !== undefined || !pages ? 'percent' : 'page';
  const most = unit === 'page' ? pages : 100;
  const value = progress?.[unit] ?? 0;
  return html`<div class="progress">
    <${Field} label=${t(`progress.${unit}`, { pages })}>${(props) => html`<input ...${props} type="number" min="0" max=${most} value=${value}
      onChange=${(event) => save({ progress: { [unit]: Number(event.target.value) } })} />`}<//>
    <progress value=${value} max=${most} aria-label=${t('progress')}></progress>
  </div>`;
}

// Reads are the times that the person has read the book, each with its first and its last day.
function Reads({ reads, save }) {
  const change = (index, part) => save({ reads: reads.map((read, i) => (i === index ? { ...read, ...part } : read)) });
  const day = (index, name) => html`<${Field} label=${t(`read.${name}`)}>${(props) => html`<input ...${props} type="date"
    value=${reads[index][name] ?? ''} onChange=${(event) => change(index, { [name]: event.target.value || null })} />`}<//>`;
  return html`<fieldset class="reads"><legend>${t('reads')}</legend>
    ${reads.map((_, i) => html`<div class="row" key=${i}>${day(i, 'started')}${day(i, 'finished')}
      <button type="button" class="link" aria-label=${t('read.remove', { number: i + 1 })}
        onClick=${() => save({ reads: reads.filter((__, other) => other !== i) })}>×</button></div>`)}
    <${NewRead} add=${(read) => save({ reads: [...reads, read] })} again=${reads.length > 0} />
  </fieldset>`;
}

// NewRead adds a read when its first date is chosen, because the server takes no read without a date.
function NewRead({ add, again }) {
  const [open, setOpen] = useState(false);
  if (!open) return html`<button type="button" class="quiet small" onClick=${() => setOpen(true)}>${t(again ? 'read.again' : 'read.add')}</button>`;
  return html`<div class="row">${['started', 'finished'].map((name) => html`<${Field} label=${t(`read.${name}`)}>
    ${(props) => html`<input ...${props} type="date" onChange=${(event) => {
    if (!event.target.value) return;
    setOpen(false);
    add({ started: null, finished: null, [name]: event.target.value });
  }} />`}<//>`)}</div>`;
}
