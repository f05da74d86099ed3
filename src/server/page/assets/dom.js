// Making elements, and bringing what is shown to what shall be shown. Text is only ever text: nothing here reads
// markup, so no name and no content of a file can become any.

/** An element: `h('button.small', {onclick: act, key: 'x'}, 'Text', child)`. */
export function h(what, properties = {}, ...children) {
  const [tag, ...classes] = what.split('.');
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(' ');
  element.handlers = {};
  element.settings = {};
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'key') element.key = value;
    else if (name === 'mount') {
      // What is inside is somebody else's work.
      element.keep = true;
      queueMicrotask(() => element.isConnected && value(element));
    } else if (name.startsWith('on')) element[name] = element.handlers[name] = value;
    else if (['value', 'checked', 'selected'].includes(name)) {
      element.settings[name] = value;
    } else if (name === 'class') element.className += ` ${value}`;
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(child));
  }
  // A select takes its value once its options are there.
  Object.assign(element, element.settings);
  return element;
}

/** Makes the children of `element` what `children` are, and keeps those that are alike: with focus, scroll and text. */
export function show(element, ...children) {
  const wanted = document.createDocumentFragment();
  wanted.append(...children.flat(Infinity).filter(child => child));
  bringChildren(element, wanted);
}

function bring(old, wanted) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== wanted.data) old.data = wanted.data;
    return;
  }
  for (const { name } of [...old.attributes]) {
    // Whether something is unfolded is up to the reader.
    if (!wanted.hasAttribute(name) && !(name === 'open' && old.nodeName === 'DETAILS') && name !== 'style') old.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (old.getAttribute(name) !== value && !(name === 'open' && old.nodeName === 'DETAILS')) old.setAttribute(name, value);
  }
  for (const name of Object.keys(old.handlers ?? {})) old[name] = null;
  Object.assign(old, wanted.handlers);
  old.handlers = wanted.handlers;
  if (!old.keep) bringChildren(old, wanted);
  for (const [name, value] of Object.entries(wanted.settings ?? {})) {
    if (old[name] !== value && !(name === 'value' && document.activeElement === old)) old[name] = value;
  }
  old.settings = wanted.settings;
}

function bringChildren(old, wanted) {
  const keyed = new Map();
  for (const child of old.childNodes) if (child.key !== undefined) keyed.set(child.key, child);
  let at = old.firstChild;
  for (const next of [...wanted.childNodes]) {
    let match = next.key === undefined ? at : keyed.get(next.key);
    if (match && (match.nodeName !== next.nodeName || match.key !== next.key)) match = undefined;
    if (!match) {
      old.insertBefore(next, at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else old.insertBefore(match, at);
    bring(match, next);
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

/** Says something to whoever cannot see it. */
export function say(text) {
  document.getElementById('said').textContent = text;
}

/** Says something for a while; a failure stays until it is put away. */
export function toast(text, isFailure = false) {
  say(text);
  const close = h('button.plain-button', { 'aria-label': 'Put away', onclick: () => note.remove() }, '×');
  const note = h(isFailure ? 'div.toast.bad' : 'div.toast', {}, h('span', {}, text), close);
  document.getElementById('toasts').append(note);
  if (!isFailure) setTimeout(() => note.remove(), 4000);
}

/** Does something that may fail, and says so if it does. */
export async function attempt(doing, done) {
  try {
    const result = await doing();
    if (done) toast(typeof done === 'function' ? done(result) : done);
    return result;
  } catch (error) {
    toast(error.message, true);
    return undefined;
  }
}

/** Gives the body of a response to the reader as a file. */
export async function save(response, name) {
  const address = URL.createObjectURL(await response.blob());
  h('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`Copied ${what}.`);
  } catch {
    // Without leave for the clipboard, as under a name that is not localhost, a field to copy from does.
    const field = h('textarea', { readonly: true, rows: 4, 'aria-label': what }, text);
    const dialog = h('dialog', { 'aria-label': `Copy ${what}` }, h('p', {}, `Copy ${what}:`), field,
      h('button', { onclick: () => dialog.close() }, 'Close'));
    dialog.onclose = () => dialog.remove();
    document.body.append(dialog);
    dialog.showModal();
    field.select();
  }
}

/** Asks before something that cannot be taken back. */
export function confirmed(question, action) {
  return new Promise(resolve => {
    const no = h('button', { onclick: () => dialog.close() }, 'Cancel');
    const yes = h('button.danger', { onclick: () => { resolve(true); dialog.close(); } }, action);
    const dialog = h('dialog', { 'aria-label': action }, h('p', {}, question), h('div.row', {}, yes, no));
    dialog.onclose = () => { resolve(false); dialog.remove(); };
    document.body.append(dialog);
    dialog.showModal();
  });
}
