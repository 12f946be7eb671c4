// The texts of the app. The server chooses the language of the page. Each language is one file of messages, of which only the
// one that is needed is loaded.
export const language = document.documentElement.lang;

// languages are the names of all languages, by their tags.
export const languages = { de: 'Deutsch', en: 'English', es: 'Español', fr: 'Français', tr: 'Türkçe' };

const { default: messages } = await import(`./messages.${language}.js`);
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);
const dates = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }); // a day has no time zone
const times = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
const languageNames = new Intl.DisplayNames(language, { type: 'language' });

// t returns a message. {name} in it stands for a value. A message with forms for one and other is chosen by values.count.
export function t(key, values = {}) {
  let message = messages[key] ?? key;
  if (typeof message === 'object') message = message[plurals.select(values.count)] ?? message.other;
  return message.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === 'number' ? formatNumber(value) : String(value ?? '');
  });
}

// has reports whether there is a message.
export const has = (key) => key in messages;

export const formatNumber = (number) => numbers.format(number);

// formatDate formats a day such as 2004-05-01.
export const formatDate = (day) => (day ? dates.format(new Date(`${day}T00:00:00Z`)) : '');

// formatTime formats a point in time.
export const formatTime = (time) => (time ? times.format(new Date(time)) : '');

// monthNames are the short names of the months.
export const monthNames = Array.from({ length: 12 }, (_, month) => new Intl.DateTimeFormat(language, { month: 'short', timeZone: 'UTC' })
  .format(new Date(Date.UTC(2024, month, 1))));

// languageName returns the name of a language by its tag.
export function languageName(tag) {
  try {
    return languageNames.of(tag);
  } catch {
    return tag; // not a tag
  }
}

// chooseLanguage makes the server send the pages in another language from now on.
export function chooseLanguage(tag) {
  document.cookie = `bookplate_language=${tag}; path=/; max-age=31536000; samesite=lax`;
  location.reload();
}

// today returns the current day, such as 2004-05-01, where the person is.
export function today() {
  const now = new Date();
  return new Date(now - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}
