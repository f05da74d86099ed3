// Webhooks, snapshots, and beginning anew.

import { call, get, post, remove } from './api.js';
import { attempt, confirmed, h, save } from './dom.js';
import { heard } from './live.js';
import { accounts, nothing, panel, requests, shown } from './parts.js';
import { change, place, stale, use } from './state.js';
import { count, size } from './words.js';

export function settingsView() {
  const { account } = place();
  const whose = account ?? 'all accounts';
  return h('div.tiles', { key: 'settings' },
    panel('Snapshots', snapshots(account, whose)),
    panel('Begin anew', beginAnew(account, whose)),
    panel('Webhooks', webhooks(account)),
    panel('Accounts', newAccount(), account ? quota(account) : null));
}

function snapshots(account, whose) {
  const known = use(`snapshots:${account ?? ''}`, () => get('/snapshots', { account }));
  const keep = event => {
    event.preventDefault();
    const name = event.target.elements.name.value;
    return attempt(() => post('/snapshots', { name }, { account }), `${name} holds what ${whose} has now.`).then(stale);
  };
  const restore = async name => await confirmed(`Put ${whose} back to ${name}? What came later is gone.`, 'Restore')
    && attempt(() => post('/snapshots/restore', { name }, { account }), `${name} is restored.`).then(stale);
  return [
    h('p.quiet-text', {}, `Files, links, sessions and settings of ${whose}.`),
    shown(known, ({ snapshots: names }) => names.length === 0 ? nothing('There is none yet.') : h('ul.plain-list', {}, names.map(name => h('li.row', { key: name },
      h('b', {}, name), h('button.small', { 'aria-label': `Restore ${name}`, onclick: () => restore(name) }, 'Restore'),
      h('button.small', { 'aria-label': `Delete ${name}`, onclick: () => attempt(() => remove('/snapshots', { name }, { account }), `${name} is deleted.`).then(stale) }, 'Delete'))))),
    h('form.row', { onsubmit: keep }, h('label', {}, 'Name', h('input', { name: 'name', required: true })), h('button', { type: 'submit' }, 'Save')),
  ];
}

function beginAnew(account, whose) {
  const ask = async (question, action, path, options, done) => await confirmed(question, action) && attempt(() => post(path, {}, options), done).then(stale);
  return [
    h('p', {}, 'Files, links and sessions go; quota, assumptions and templates stay.'),
    h('div.row', {},
      h('button.danger', { onclick: () => ask(`Empty ${whose}?`, 'Reset', '/reset', { account }, `Reset: ${whose}.`) }, account ? `Reset ${account}` : 'Reset all accounts'),
      h('button.danger', { onclick: () => ask('Forget every request in the journal?', 'Forget', '/journal/clear', {}, 'The journal is empty.') }, 'Clear the journal')),
    h('h3', {}, 'Keep the journal'),
    h('div.row', {}, ['html', 'txt'].map(kind => h('button.small', {
      onclick: () => attempt(async () => save(await get(`/journal.${kind}`, { raw: true }), `fake-dropbox-journal.${kind}`)),
    }, kind === 'html' ? 'Download as one page' : 'Download as text'))),
  ];
}

function webhooks(account) {
  const known = use(`webhooks:${account ?? ''}`, () => get('/webhooks', { account }));
  const add = event => {
    event.preventDefault();
    const { url, secret } = event.target.elements;
    return attempt(() => post('/webhooks', { url: url.value, secret: secret.value }, { account }), 'The URL answered its challenge: it is told of changes.').then(stale);
  };
  const told = heard.entries.filter(entry => entry.route === 'webhook').slice(-5).reverse();
  return [
    shown(known, ({ webhooks: all }) => all.length === 0 ? nothing('No URL is told of changes.') : h('ul.plain-list', {}, all.map(hook => h('li', { key: hook.id },
      h('div.row.spread', {}, h('b.path', {}, hook.url), h('button.small', { 'aria-label': `Remove ${hook.url}`, onclick: () => attempt(() => remove('/webhooks', { id: hook.id }, { account }), 'It is told nothing any more.').then(stale) }, 'Remove')),
      h('p.small', {}, `app ${hook.app}, ${count(hook.linked_accounts, 'account')} linked`))))),
    h('form.fields', { onsubmit: add },
      h('label', {}, 'URL', h('input', { name: 'url', type: 'url', required: true, placeholder: 'http://localhost:3000/webhook' })),
      h('label', {}, 'Secret of the app', h('input', { name: 'secret', required: true, autocomplete: 'off' })),
      h('button', { type: 'submit' }, 'Register')),
    told.length ? [h('h3', {}, 'Told lately'), requests(told)] : null,
  ];
}

function newAccount() {
  const add = event => {
    event.preventDefault();
    const name = event.target.elements.name.value;
    return attempt(() => post('/accounts', { name }), `There is an account ${name}.`).then(() => { stale(); change({ account: name }); });
  };
  return h('form.row', { onsubmit: add }, h('label', {}, 'New account', h('input', { name: 'name', required: true })), h('button', { type: 'submit' }, 'Make'));
}

function quota(account) {
  const set = event => {
    event.preventDefault();
    const bytes = Number(event.target.elements.bytes.value);
    return attempt(() => call('PUT', '/quota', { account, body: { bytes } }), `${account} may hold ${size(bytes)}.`).then(stale);
  };
  const now = accounts().value?.details.find(one => one.account === account);
  return [
    now ? h('p.quiet-text', {}, `${account} holds ${size(now.used)} of ${size(now.quota)}.`) : null,
    h('form.row', { onsubmit: set }, h('label', {}, 'Quota in bytes', h('input', { name: 'bytes', type: 'number', min: 0, step: 1, required: true })), h('button', { type: 'submit' }, 'Set')),
  ];
}
