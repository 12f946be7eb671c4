// The address bar is the state of the app: pages read the path and the query, and links change them.
import { useEffect, useState } from './preact.js';

const root = '/app/';

// navigate opens an address of the app without loading the page again. With replace, there is no new step in the history.
export function navigate(address, { replace = false } = {}) {
  if (!replace) rememberScroll();
  history[replace ? 'replaceState' : 'pushState']({}, '', address);
  window.dispatchEvent(new Event('navigate'));
  if (!replace) window.scrollTo(0, 0);
}

// useAddress returns the current address as a URL. The component renders again when the address changes.
export function useAddress() {
  const [href, setHref] = useState(location.href);
  useEffect(() => {
    const update = () => setHref(location.href);
    window.addEventListener('navigate', update);
    window.addEventListener('popstate', update);
    return () => {
      window.removeEventListener('navigate', update);
      window.removeEventListener('popstate', update);
    };
  }, []);
  return new URL(href);
}

// startRouter makes links of the app navigate.
export function startRouter() {
  history.scrollRestoration = 'manual';
  if (location.pathname === '/') history.replaceState({}, '', root + location.search);
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href]');
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const { origin, pathname, href } = link;
    if (origin !== location.origin || !pathname.startsWith(root) || link.target || link.hasAttribute('download')) return;
    event.preventDefault();
    navigate(href);
  });
  window.addEventListener('pagehide', rememberScroll);
}

function rememberScroll() {
  history.replaceState({ ...history.state, scroll: window.scrollY }, '');
}

// restoreScroll scrolls to where the person left this entry of the history. A page calls it when it has its full height.
export function restoreScroll() {
  window.scrollTo(0, history.state?.scroll ?? 0);
}
