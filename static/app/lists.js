// Lists that grow by pages.
import { useCallback, useEffect, useRef, useState } from './preact.js';
import { get } from './api.js';

// useList loads the first page of a list, and the next one when more is called. It returns { items, error, loading, next, more,
// reload, change }, in which items is undefined until the first page is there. change replaces the items by a function.
export function useList(path, query = {}, options) {
  const key = JSON.stringify([path, query]);
  const [state, setState] = useState({ loading: true });
  const latest = useRef(0);
  const load = useCallback(async (address, parameters, before) => {
    const number = ++latest.current;
    setState((old) => ({ ...old, loading: true, error: null }));
    let result;
    try {
      const { data, next } = await get(address, parameters, options);
      result = { items: [...before, ...data], next };
    } catch (error) {
      result = { error };
    }
    if (number === latest.current) setState((old) => ({ ...old, ...result, loading: false }));
  }, []);
  const reload = useCallback(() => load(path, { limit: 50, ...query }, []), [key]);
  useEffect(() => {
    reload();
    return () => { latest.current++; };
  }, [reload]);
  return {
    ...state,
    data: state.items, // for Loaded
    reload,
    more: () => load(state.next, {}, state.items),
    change: (edit) => setState((old) => ({ ...old, items: edit(old.items) })),
  };
}
