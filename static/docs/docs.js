// Swagger UI has a dark theme, but does not follow the browser's colour scheme.
const dark = matchMedia('(prefers-color-scheme: dark)');
const setTheme = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', setTheme);
setTheme();

// attributes are what assistive technology needs and Swagger UI omits or has wrong. Each entry has a selector, an attribute,
// and a function that returns the value for an element.
const attributes = [
  ['h3, .models > h4', 'aria-level', () => 2],
  ['h4:not(.models > h4)', 'aria-level', () => 3],
  ['h5, h6', 'aria-level', () => 4],
  ['.information-container', 'role', () => 'banner'],
  ['.schemes', 'aria-label', () => 'Server'],
  ['.responses-table', 'role', () => 'table'],
  ['.microlight', 'tabindex', () => 0], // examples and answers, which may scroll
  ['#servers', 'aria-label', () => 'Server'],
  ['.examples-select-element', 'aria-label', () => 'Example'],
  ['.body-param__text', 'aria-label', () => 'Request body'],
  ['.parameters-col_description :is(select, textarea, input:not([type=checkbox]))', 'aria-label',
    (control) => control.closest('tr').querySelector('.parameter__name').textContent],
  ['.auth-container input', 'aria-label', (input) => input.closest('.auth-container').querySelector('h4').textContent],
  ['.modal-btn', 'aria-label', (button) => button.textContent],
  ['.close-modal', 'aria-label', () => 'Close'],
];
const page = document.getElementById('documentation');
new MutationObserver(() => {
  for (const [selector, name, value] of attributes) {
    for (const element of page.querySelectorAll(selector)) element.setAttribute(name, value(element));
  }
}).observe(page, { childList: true, subtree: true });

SwaggerUIBundle({
  url: '/openapi.json',
  domNode: page,
  deepLinking: true,
  defaultModelsExpandDepth: 0, // the schemas stay folded below the operations
  displayRequestDuration: true,
  validatorUrl: null, // the validator's badge would ask a server on the internet
  // By default the path of an operation is a link, inside the button that unfolds the operation.
  plugins: [({ React }) => ({ components: { DeepLink: ({ text }) => React.createElement('span', null, text) } })],
});
