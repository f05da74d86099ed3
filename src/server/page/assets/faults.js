// What shall go wrong: the usual faults as buttons, those there are, and what was waited for in vain.

import { get, post, remove } from './api.js';
import { attempt, confirmed, h } from './dom.js';
import { heard } from './live.js';
import { nothing, panel, requests, shown } from './parts.js';
import { address, place, stale, use } from './state.js';
import { count } from './words.js';

const MINT = 'files/get_temporary_upload_link';
const number = (name, label, value) => ({ name, label, value, min: 1 });
const seconds = number('retry_after', 'seconds to wait', 2);
const bytes = number('after_bytes', 'bytes', 10);

/** Each with a sentence, the numbers to fill in, and the rule that they make. */
const USUAL = [
  ['The file is stored, and the answer is lost', [], () => ({ match: { route: 'upload_link' }, phase: 'after_commit', action: 'reset' })],
  ['The connection breaks after the first bytes of a file', [bytes], n => ({ match: { route: 'upload_link' }, phase: { body: n }, action: 'reset' })],
  ['An upload stops and hangs after the first bytes', [bytes], n => ({ match: { route: 'upload_link' }, phase: { body: n }, action: 'stall' })],
  ['Uploads are slow', [number('bytes_per_second', 'bytes a second', 200000)], n => ({ match: { route: 'upload_link' }, phase: { body: { after_bytes: 0 } }, action: { slow: n } })],
  ['An upload answers 503', [], () => ({ match: { route: 'upload_link' }, phase: 'head', action: { answer: 'unavailable' } })],
  ['The mint answers 503', [], () => ({ match: { route: MINT }, phase: 'head', action: { answer: 'unavailable' } })],
  ['The mint answers 429: too many requests', [seconds], n => ({ match: { route: MINT }, phase: 'head', action: { answer: { too_many_requests: n } } })],
  ['The answer to the mint is lost', [], () => ({ match: { route: MINT }, phase: 'answer', action: 'close' })],
  ['The access token has expired', [], () => ({ match: { host: 'api' }, phase: 'head', action: { answer: 'expired_access_token' } })],
  ['Every answer comes late', [number('milliseconds', 'milliseconds', 300)], n => ({ phase: 'answer', action: { delay: n } })],
  ['The answer ends in the middle', [number('after_bytes', 'bytes of it come', 5)], n => ({ phase: 'answer', action: { truncate: n } })],
  ['Something else fails: 500', [], () => ({ match: { host: 'api' }, phase: 'head', action: { answer: 'internal_error' } })],
];

export function faultsView() {
  const { account } = place();
  const faults = use(`faults:${account ?? ''}`, () => get('/faults', { account }));
  const misses = use(`misses:${account ?? ''}`, () => get('/faults/nearest', { account }));
  const missed = id => misses.value?.faults.find(fault => fault.id === id)?.nearest;
  const waits = use(`waits:${account ?? ''}`, () => get('/journal/waits', { account }));
  return h('div.tiles', { key: 'faults' },
    panel('Faults', shown(faults, ({ faults: all }) => [
      all.length === 0 ? nothing('Nothing is set to go wrong.') : h('ul.plain-list', {}, all.map(fault => one(fault, missed(fault.id), account))),
      all.length > 1 ? h('button.danger', { onclick: () => removeAll(account) }, 'Remove all') : null,
    ])),
    panel('Add a fault', h('p.quiet-text', {}, account ? `It concerns requests of ${account}.` : 'It concerns requests of every account.'),
      h('ul.plain-list', {}, USUAL.map(usual => form(usual, account))), own(account)),
    panel('Waited for in vain', shown(waits, ({ waits: all }) => all.length === 0 ? nothing('Every wait of a test found what it waited for.')
      : h('ul.plain-list', {}, all.toReversed().map(wait => h('li', { key: `${wait.after} ${wait.text}` },
        h('p.text', {}, wait.text), h('p.small', {}, wait.account ? `in ${wait.account}, ` : '', `when ${count(wait.after, 'request')} had come`)))))));
}

async function removeAll(account) {
  const whose = account ? `of ${account}` : 'of all accounts';
  if (await confirmed(`Remove every fault ${whose}?`, 'Remove all')) await attempt(() => post('/faults/clear', {}, { account }), 'All faults are removed.').then(stale);
}

const said = value => typeof value === 'string' ? value : Object.entries(value).map(([name, inner]) =>
  typeof inner === 'object' ? `${name} (${Object.entries(inner).map(([key, one]) => `${key} ${typeof one === 'object' ? said(one) : one}`).join(', ')})` : `${name} ${inner}`).join(', ');

function one({ id, rule, calls_matched: matched, fired, spent }, misses, account) {
  const { match = {}, phase, action, times, probability } = rule;
  const wanted = Object.entries(match).map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`).join(', ');
  const hit = heard.entries.filter(entry => entry.fault === id);
  return h('li', { key: id },
    h('div.row.spread', {},
      h('b', {}, `${said(action)} at ${said(phase)}`),
      h('span.row', {}, fired ? h('span.tag.good', {}, `fired ${fired === 1 ? 'once' : `${fired} times`}`) : h('span.tag.warn', {}, 'never fired'),
        spent ? h('span.tag', {}, 'spent') : null,
        h('button.small', { 'aria-label': `Remove fault ${id}`, onclick: () => attempt(() => remove('/faults', { id }, { account }), `Fault ${id} is removed.`).then(stale) }, 'Remove'))),
    h('p.small', {}, `Fault ${id}: ${wanted || 'any request'}, ${times === 'unlimited' ? 'always' : count(times, 'time')}${probability ? `, with probability ${probability}` : ''}; it matched ${count(matched, 'request')}.`),
    hit.length ? requests(hit.slice(-3).reverse()) : null,
    misses ? near(misses) : null);
}

/** What came close, and what was different. */
function near(nearest) {
  if (nearest.length === 0) return h('p.small', {}, 'No request came close.');
  return [h('p.small', {}, 'What came close:'), h('ul.lines', {}, nearest.map(miss => h('li', { key: miss.sequence },
    h('a.line', { href: address('requests', { entry: miss.sequence }) }, h('span.what', {}, miss.request, h('span.why', {}, miss.differs.join('; ')))))))];
}

function form([sentence, numbers, rule], account) {
  const add = event => {
    event.preventDefault();
    const data = new FormData(event.target);
    const filled = Object.fromEntries(numbers.map(({ name }) => [name, Number(data.get(name))]));
    const made = rule(filled);
    const path = data.get('path').trim();
    if (path) made.match = { ...made.match, path };
    const times = data.get('times').trim();
    made.times = times === 'always' ? 'unlimited' : Number(times);
    return attempt(() => post('/faults', made, { account }), added => `Fault ${added.id} is set.`).then(stale);
  };
  return h('li', { key: sentence }, h('form.fault', { onsubmit: add, 'aria-label': sentence },
    h('button', { type: 'submit' }, sentence),
    numbers.map(({ name, label, value, min }) => h('label', {}, label, h('input', { type: 'number', name, min, step: 1, required: true, mount: input => { input.value ||= value; } }))),
    h('details', {}, h('summary', {}, 'which, how often'), h('div.row', {},
      h('label', {}, 'path', h('input', { name: 'path', placeholder: 'any, or /in/**' })),
      h('label', {}, 'times', h('input', { name: 'times', pattern: '[1-9][0-9]*|always', title: 'A number, or: always', required: true, size: 6, mount: input => { input.value ||= '1'; } }))))));
}

function own(account) {
  const add = event => {
    event.preventDefault();
    const text = event.target.elements.rule.value;
    return attempt(() => post('/faults', JSON.parse(text), { account }), added => `Fault ${added.id} is set.`).then(stale);
  };
  return h('details', {}, h('summary', {}, 'Any other rule, as JSON'), h('form', { onsubmit: add },
    h('textarea', { name: 'rule', rows: 5, 'aria-label': 'A fault rule as JSON', spellcheck: false, mount: input => { input.value ||= JSON.stringify({ match: { route: 'files/download', path: '/in/**' }, phase: 'answer', action: { truncate: { after_bytes: 5 } } }, null, 1); } }),
    h('button', { type: 'submit' }, 'Add')));
}
