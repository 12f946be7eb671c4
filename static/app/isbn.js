// parseISBNs returns the ISBNs in a text, each once. Other separators than hyphens and single spaces end one.
export function parseISBNs(text) {
  const found = text.match(/\d[\d\u2010-\u2013 -]{7,19}[\dXx]/g) ?? [];
  return [...new Set(found.map((isbn) => isbn.replace(/[^\dXx]/g, '').toUpperCase()))];
}
