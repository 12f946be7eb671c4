// Charts, drawn as SVG. A table beside each, which only screen readers see, has the same numbers.
import { html } from './preact.js';
import { formatNumber } from './i18n.js';

const [width, height, base] = [400, 160, 24]; // of a chart of columns, and of the line with its labels

// Columns is a chart of upright columns. values are { label, value }.
export function Columns({ title, values }) {
  const most = Math.max(1, ...values.map(({ value }) => value));
  const step = width / values.length;
  return html`<${Figure} title=${title} values=${values}>
    <svg viewBox="0 -16 ${width} ${height + base + 16}" aria-hidden="true">
      ${values.map(({ label, value }, i) => {
    const tall = Math.round(value / most * height);
    return html`<rect x=${i * step + step * 0.15} y=${height - tall} width=${step * 0.7} height=${tall} rx="3" />
        ${value > 0 && html`<text x=${(i + 0.5) * step} y=${height - tall - 4}>${formatNumber(value)}</text>`}
        <text x=${(i + 0.5) * step} y=${height + 16} class="label">${label}</text>`;
  })}
      <line x1="0" x2=${width} y1=${height} y2=${height} />
    </svg><//>`;
}

// Bars is a chart of lying bars with their names.
export function Bars({ title, values }) {
  if (values.length === 0) return null;
  const most = Math.max(...values.map(({ value }) => value));
  return html`<${Figure} title=${title} values=${values}>
    <div class="bars" aria-hidden="true">${values.map(({ label, value }) => html`<span dir="auto">${label}</span>
      <svg viewBox="0 0 100 10" preserveAspectRatio="none"><rect width=${value / most * 100} height="10" /></svg>
      <b>${formatNumber(value)}</b>`)}</div><//>`;
}

function Figure({ title, values, children }) {
  return html`<figure><figcaption>${title}</figcaption>${children}
    <div class="hidden"><table><caption>${title}</caption><tbody>${values.map(({ label, value }) => html`<tr><th scope="row">${label}</th>
      <td>${formatNumber(value)}</td></tr>`)}</tbody></table></div></figure>`;
}
