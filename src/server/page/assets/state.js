// What is shown: the view and its filter, which stand in the address, and what was read for it.

const listeners = new Set();
let waiting = false;

/** Shows everything anew, once, before the next picture. */
export function refresh() {
  if (waiting) return;
  waiting = true;
  const later = document.hidden ? done => setTimeout(done, 200) : requestAnimationFrame;
  later(() => {
    waiting = false;
    listeners.forEach(listener => listener());
    drop();
  });
}

export const onRefresh = listener => listeners.add(listener);

/** The view and its parameters, from an address such as `#/requests?status=4xx`. */
export function place() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { view: path || 'overview', ...Object.fromEntries(new URLSearchParams(query)) };
}

/** The address of a view. The account goes along. */
export function address(view, parameters = {}) {
  const all = { account: place().account, ...parameters };
  const kept = Object.entries(all).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const query = new URLSearchParams(kept).toString();
  return `#/${view}${query ? `?${query}` : ''}`;
}

/** Changes parameters of the view; nothing goes away that is not named. */
export function change(parameters, { push = false } = {}) {
  const { view, ...now } = place();
  const next = address(view, { ...now, ...parameters });
  if (next === location.hash) return;
  history[push ? 'pushState' : 'replaceState'](null, '', next);
  refresh();
}

const read = new Map();
let used = new Set();
let refreshing;

/** What `load` gives, read when it is first used, and again when something changed. Old news are shown meanwhile. */
export function use(key, load) {
  used.add(key);
  let known = read.get(key);
  if (!known) read.set(key, known = { stale: true, value: undefined, error: undefined });
  if (known.stale && !known.loading && !document.hidden) {
    known.stale = false;
    known.loading = true;
    load().then(
      value => Object.assign(known, { value, error: undefined, at: performance.now() }),
      error => Object.assign(known, { error }),
    ).finally(() => {
      known.loading = false;
      refresh();
    });
  }
  return known;
}

/** Something changed: what is shown is read again, at most a few times a second. */
export function stale() {
  refreshing ??= setTimeout(() => {
    refreshing = undefined;
    for (const known of read.values()) if (!known.fixed) known.stale = true;
    refresh();
  }, 150);
}

/** The same for what never changes. */
export function useOnce(key, load) {
  const known = use(key, load);
  known.fixed = true;
  return known;
}

/** What nothing shows any more is forgotten. */
function drop() {
  for (const [key, known] of read) if (!used.has(key) && !known.loading && !known.fixed) read.delete(key);
  used = new Set();
}

document.addEventListener('visibilitychange', () => document.hidden || refresh());
