// Parts that several views show.

import { get } from './api.js';
import { copy, h } from './dom.js';
import { address, use, useOnce } from './state.js';
import { statusKind, statusSign, timeOfDay } from './words.js';

export const panel = (title, ...children) => h('section.panel', { key: title }, h('h2', {}, title), children);

export const problem = error => h('p.problem', { role: 'alert' }, error.message);

/** What was read, shown by `draw`; else that it is on its way, or why it is not there. */
export function shown(known, draw) {
  if (known.error) return problem(known.error);
  return known.value === undefined ? h('p.quiet-text', {}, 'Loading…') : draw(known.value);
}

export const nothing = text => h('p.nothing', {}, text);

export function status(entry) {
  const { status } = entry;
  const text = `${statusSign(status)} ${status ?? 'no answer'}`;
  return h(`span.status.${statusKind(status)}`, {}, text);
}

/** Every rule by its id. */
export function rules() {
  const known = useOnce('rules', () => get('/rules'));
  known.byId ??= known.value && new Map(known.value.rules.map(rule => [rule.id, rule]));
  return known.byId ?? new Map();
}

/** Why a request was not answered as it was hoped, in words. */
export const why = entry => (entry.why ?? '').replaceAll(' | ', ' — ');

export function rule(id) {
  const known = rules().get(id);
  if (!known) return h('li', { key: id }, id);
  return h('li.rule', { key: id },
    h('p', {}, known.sentence),
    h('p.small', {}, h('code', {}, id), ' ', h(`span.evidence.${known.evidence}`, {}, known.evidence),
      known.since ? ` since ${known.since}` : '', known.source ? ` · ${known.source}` : ''));
}

/** Requests in a few words each, the latest first. */
export function requests(entries) {
  return h('ul.lines', {}, entries.map(entry => h('li', { key: entry.sequence },
    h('a.line', { href: address('requests', { account: entry.account, entry: entry.sequence }) },
      h('span.number', {}, timeOfDay(entry.at)), status(entry),
      h('span.what', {}, h('b', {}, entry.route), entry.path ? ` ${entry.path}` : '', h('span.why', {}, why(entry)))))));
}

export function copyButton(label, text, what) {
  return h('button.small', { onclick: async () => copy(typeof text === 'function' ? await text() : text, what) }, label);
}

export function accounts() {
  return use('accounts', () => get('/accounts', { query: { details: 'true' } }));
}
