// The icons, drawn with lines of the colour of the text.
import { html } from './preact.js';

const paths = {
  library: 'M4 4h4v16H4zM8 6h4v14H8zM13.5 6.5l3.8-1 3.7 13.6-3.8 1z',
  add: 'M12 5v14M5 12h14',
  reading: 'M12 6c-2-1.500-5-2-9-2v14c4 0 7 .5 9 2 2-1.500 5-2 9-2V4c-4 0-7 .5-9 2zM12 6v14',
  loans: 'M4 8h13l-3-3M20 16H7l3 3',
  shelves: 'M3 10h18M3 20h18M6 4v6M9 4v6M12 5l2 5M7 14v6M11 14v6M15 14v6',
};

export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${paths[name]} /></svg>`;
}
