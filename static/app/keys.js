// Keys that work on a whole page.
import { useEffect } from './preact.js';

// useKey calls run when a key is pressed, unless the person is typing or a dialog is open.
export function useKey(key, run) {
  useEffect(() => {
    const onKeyDown = (event) => {
      const typing = event.target.closest?.('input, textarea, select, dialog, [open].menu');
      if (event.key !== key || typing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  });
}
