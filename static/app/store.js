// State that several parts of the app share.
import { useEffect, useState } from './preact.js';

// createStore returns a store: get returns its state, change replaces some of its fields, and use is a hook with which a component
// is rendered again after each change.
export function createStore(state) {
  const listeners = new Set();
  return {
    get: () => state,
    change(part) {
      state = { ...state, ...part };
      for (const listener of listeners) listener(state);
    },
    use() {
      const [seen, setSeen] = useState(state);
      useEffect(() => {
        listeners.add(setSeen);
        setSeen(state);
        return () => listeners.delete(setSeen);
      }, []);
      return seen;
    },
  };
}
