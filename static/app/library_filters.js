// The filters of the library: the facets beside the books, and the active filters above them.
import { html, useState } from './preact.js';
import { get } from './api.js';
import { Chip, Failure, useLoad } from './ui.js';
import { languageName, t } from './i18n.js';

const single = ['q', 'category', 'status', 'published', 'on_loan', 'has_cover', 'rating', 'scope'];
const repeated = ['author', 'tag', 'series', 'language', 'location', 'isbn'];
const facetNames = ['status', 'category', 'author', 'tag', 'series', 'language', 'decade'];
const shownAtFirst = 8; // values of a facet

// filterQuery returns the filters in a query of the address, as GET /books/ takes them.
export function filterQuery(searchParams) {
  const query = {};
  for (const name of single) if (searchParams.get(name)) query[name] = searchParams.get(name);
  for (const name of repeated) if (searchParams.has(name)) query[name] = searchParams.getAll(name);
  return query;
}

// Facets are the values that books have, with the number of books. Pressing one adds it to the filters or removes it.
export function Facets({ query, set }) {
  const facets = useLoad(async () => (await get('/books/facets', query)).data, [JSON.stringify(query)]);
  const narrow = window.matchMedia('(max-width: 60rem)').matches;
  return html`<details class="facets" open=${!narrow}>
    <summary>${t('filters')}</summary>
    ${facets.error && html`<${Failure} error=${facets.error} retry=${facets.reload} />`}
    <ul><li><button type="button" aria-pressed=${String(query.scope === 'all')}
      onClick=${() => set({ scope: query.scope === 'all' ? null : 'all' })}>${t('scope.all')}</button></li></ul>
    ${facetNames.map((name) => html`<${Facet} key=${name} name=${name} values=${facets.data?.[name] ?? []} query=${query} set=${set} />`)}
  </details>`;
}

function Facet({ name, values, query, set }) {
  const [all, setAll] = useState(false);
  if (values.length === 0) return null;
  const shown = all ? values : values.slice(0, shownAtFirst);
  return html`<section><h2>${t(`facet.${name}`)}</h2><ul>
    ${shown.map(({ value, books }) => {
    const [parameter, chosen] = parameterOf(name, value);
    const active = [query[parameter] ?? []].flat().includes(chosen);
    return html`<li><button type="button" aria-pressed=${String(active)} onClick=${() => set(toggled(query, parameter, chosen, active))}>
      <span dir="auto">${label(name, value)}</span> <small>${books}</small></button></li>`;
  })}</ul>
    ${values.length > shownAtFirst && html`<button type="button" class="link" onClick=${() => setAll(!all)}>
      ${t(all ? 'facet.less' : 'facet.all', { count: values.length })}<span class="hidden"> ${t(`facet.${name}`)}</span></button>`}
  </section>`;
}

// parameterOf returns the parameter of GET /books/ that selects the books of a facet's value.
function parameterOf(name, value) {
  return name === 'decade' ? ['published', `${value}..${value.slice(0, -1)}9`] : [name, value];
}

function toggled(query, parameter, value, active) {
  if (!repeated.includes(parameter)) return { [parameter]: active ? null : value };
  const others = (query[parameter] ?? []).filter((other) => other !== value);
  return { [parameter]: active ? others : [...others, value] };
}

function label(name, value) {
  if (name === 'language') return languageName(value);
  if (name === 'status') return t(`status.${value}`);
  if (name === 'decade') return t('decade', { decade: value });
  return value;
}

// ActiveFilters are the filters, each with a button that removes it.
export function ActiveFilters({ query, set }) {
  const chips = [];
  for (const [parameter, values] of Object.entries(query)) {
    if (parameter === 'q') continue;
    for (const value of [values].flat()) {
      chips.push(html`<${Chip} key=${parameter + value} label=${chipLabel(parameter, value)}
        remove=${() => set(toggled(query, parameter, value, true))} />`);
    }
  }
  return chips.length > 0 && html`<ul class="chips" aria-label=${t('filters')}>${chips}</ul>`;
}

function chipLabel(parameter, value) {
  const decade = /^(\d+)0\.\.\d+9$/.exec(value);
  if (parameter === 'published' && decade) return t('decade', { decade: `${decade[1]}0` });
  if (parameter === 'on_loan') return t(value === 'true' ? 'on_loan' : 'not_on_loan');
  if (parameter === 'scope') return t(`scope.${value}`);
  return label(parameter, value);
}
