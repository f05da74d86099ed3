// Requests as they come: a list with a filter, and one of them in full.

import { get, root } from './api.js';
import { h } from './dom.js';
import { List } from './list.js';
import { heard } from './live.js';
import { copyButton, nothing, problem, rule, rules, shown, status, why } from './parts.js';
import { address, change, place, useOnce } from './state.js';
import { count, moment, outcome, pretty, quoted, size, timeOfDay, took } from './words.js';

/** What stands still while the reader looks: how far the list goes. */
let pausedAt;

const STATUSES = { '2xx': 'Done (2xx)', '4xx': 'Refused (4xx)', '5xx': 'Failed (5xx)', none: 'No answer', fault: 'Met a fault' };

function fits({ status: wanted, route, path, account }) {
  const pattern = path?.toLowerCase();
  return entry => (!account || entry.account === account)
    && (!route || entry.route === route)
    && (!pattern || entry.path?.toLowerCase().includes(pattern))
    && (!wanted || (wanted === 'none' ? entry.status === null : wanted === 'fault' ? entry.fault !== null
      : /xx$/.test(wanted) ? String(entry.status)[0] === wanted[0] : String(entry.status) === wanted));
}

export function wanted(filter) {
  return heard.entries.filter(fits(filter));
}

const list = new List({
  label: 'Requests, the latest first',
  id: 'requests',
  draw: entry => [
    h('span.number', {}, timeOfDay(entry.at)),
    status(entry),
    h('span.what', {}, h('b', {}, entry.route), ' ', h('span.path', {}, entry.path ?? '')),
    h('span.why', {}, entry.fault !== null ? h('span.tag.warn', {}, `fault ${entry.fault}`) : null, why(entry)),
    h('span.who', {}, entry.account ?? ''),
  ],
  chosen: entry => change({ entry: entry.sequence }),
});

export function requestsView() {
  const filter = place();
  rules();
  let entries = wanted(filter);
  const all = entries.length;
  if (pausedAt !== undefined) entries = entries.filter(entry => entry.sequence <= pausedAt);
  const routes = [...new Set(heard.entries.map(entry => entry.route))].sort();
  if (filter.route && !routes.includes(filter.route)) routes.push(filter.route);
  const latestFirst = entries.toReversed();
  const chosen = Number(filter.entry) || undefined;
  queueMicrotask(() => list.set(latestFirst, chosen));
  const isFiltered = filter.route || filter.status || filter.path;
  return h('div.requests', { class: chosen ? 'with-detail' : 'alone', key: 'requests' },
    h('div.column', { key: 'list' },
      h('form.filter', { role: 'search', 'aria-label': 'Filter of requests', onsubmit: event => event.preventDefault() },
        choice('Route', 'route', filter.route, [['', 'All routes'], ...routes.map(route => [route, route])]),
        choice('Status', 'status', filter.status, [['', 'All answers'], ...Object.entries(STATUSES), ...statuses(filter.status)]),
        h('label', {}, 'Path', h('input', {
          type: 'search', name: 'path', placeholder: 'any part', value: filter.path ?? '',
          oninput: event => change({ path: event.target.value }),
        })),
        h('button', {
          type: 'button', 'aria-pressed': String(pausedAt !== undefined),
          onclick: () => { pausedAt = pausedAt === undefined ? heard.entries.at(-1)?.sequence ?? 0 : undefined; change({ paused: pausedAt === undefined ? '' : 'yes' }); },
        }, pausedAt === undefined ? 'Pause' : `Go on${all > entries.length ? ` (${all - entries.length} new)` : ''}`),
        isFiltered ? h('button', { type: 'button', onclick: () => change({ route: '', status: '', path: '' }) }, 'Show all') : null,
        h('span.quiet-text', { role: 'status' }, isFiltered ? `${entries.length.toLocaleString('en')} of ${count(heard.entries.length, 'request')}` : count(entries.length, 'request'))),
      entries.length === 0 ? nothing(isFiltered || filter.account ? 'No request is like this.' : 'No request came yet. The next one is shown here as soon as it comes.') : null,
      h('div.list-place', { key: 'place', mount: element => element.append(list.element) })),
    chosen ? h('aside.detail', { key: 'detail', 'aria-label': `Request ${chosen}` }, detail(chosen)) : null);
}

const statuses = now => [...new Set([...heard.entries.map(entry => entry.status), now && /^\d+$/.test(now) ? Number(now) : null])]
  .filter(status => status !== null).sort().map(status => [String(status), String(status)]);

function choice(label, name, value, options) {
  return h('label', {}, label, h('select', { name, value: value ?? '', onchange: event => change({ [name]: event.target.value }) },
    options.map(([option, text]) => h('option', { value: option, key: option, selected: option === (value ?? '') }, text))));
}

function detail(sequence) {
  const known = useOnce(`entry:${sequence}`, () => get('/journal/entry', { query: { sequence } }));
  return [
    h('div.row.head', { key: 'head' }, h('h2', {}, `Request ${sequence}`),
      h('button.plain-button', { 'aria-label': 'Close', onclick: () => { change({ entry: '' }); list.element.focus(); } }, '×')),
    known.error ? problem(known.error) : shown(known, entry => h('div', { key: sequence }, whole(entry))),
  ];
}

function whole(entry) {
  const fact = (name, ...value) => value.some(part => part) ? [h('dt', {}, name), h('dd', {}, value)] : [];
  return [
    h('p.big', {}, status(entry), ' ', entry.method, ' ', h('b', {}, entry.route)),
    h('h3', {}, 'Why'),
    entry.note ? h('p.note', {}, entry.note) : null,
    outcome(entry) ? h('p.note', {}, outcome(entry)) : null,
    entry.fault !== null ? h('p.note', {}, 'A fault that you asked for had a part in it: ', h('a', { href: address('faults') }, `fault ${entry.fault}`), '.') : null,
    entry.rules.length ? h('ul.plain-list', {}, entry.rules.map(rule)) : h('p.quiet-text', {}, 'No rule of Dropbox decided this answer.'),
    entry.unused_fields.length ? h('p.note', {}, 'Sent, and not used: ', entry.unused_fields.join(', ')) : null,
    h('dl.facts', {},
      fact('Path', entry.path && h('a', { href: address('files', { account: entry.account, path: entry.path }) }, entry.path)),
      fact('Account', entry.account), fact('Link', entry.link && h('a', { href: address('links', { account: entry.account, link: entry.link }) }, entry.link)),
      fact('Came', moment(entry.at)), fact('Took', took(entry.duration_microseconds)),
      fact('Bytes', `${size(entry.request_bytes)} in, ${size(entry.response_bytes)} out`)),
    h('div.row', {}, copyButton('Copy as curl', asCurl(entry), 'a curl command')),
    said('Request', entry.request), said('Answer', entry.response),
  ];
}

function said(title, { headers, body }) {
  return [
    h('h3', {}, title),
    body ? h('pre', { tabindex: 0, 'aria-label': `${title}: body` }, pretty(body)) : h('p.quiet-text', {}, 'No text.'),
    h('details', {}, h('summary', {}, count(headers.length, 'header')),
      h('pre', { tabindex: 0, 'aria-label': `${title}: headers` }, headers.map(([name, value]) => `${name}: ${value}`).join('\n'))),
  ];
}

/** The request as a command; what is secret is a variable. */
export function asCurl(entry) {
  const { headers, body } = entry.request;
  const header = name => headers.find(([other]) => other === name)?.[1];
  const parts = ['curl', '-X', entry.method];
  if (entry.route === 'upload_link') {
    parts.push('"$LINK"', '-H', quoted(`Content-Type: ${header('content-type') ?? 'application/octet-stream'}`), '--data-binary', '@FILE');
    return `${parts.join(' ')}  # $LINK is ${entry.link ?? 'the link'}`;
  }
  if (entry.route === 'download_link') return `curl "$LINK"  # $LINK is ${entry.link ?? 'the link'}`;
  const path = entry.route.startsWith('/') ? entry.route : entry.route.startsWith('oauth2/') ? `/${entry.route}` : `/2/${entry.route}`;
  parts.push(quoted(root + path));
  if (header('authorization') !== undefined) parts.push('-H', '"Authorization: Bearer $TOKEN"');
  const isContent = entry.host === 'content';
  for (const name of ['content-type', 'dropbox-api-path-root']) if (header(name)) parts.push('-H', quoted(`${name}: ${header(name)}`));
  if (isContent && body) parts.push('-H', quoted(`Dropbox-API-Arg: ${body}`));
  if (isContent && entry.request_bytes > 0) parts.push('--data-binary', '@FILE');
  if (!isContent && body) parts.push('--data', quoted(body));
  return parts.join(' ');
}
