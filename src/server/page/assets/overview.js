// One look: the accounts, and the latest of everything.

import { get, root } from './api.js';
import { countdown } from './clock.js';
import { h } from './dom.js';
import { heard } from './live.js';
import { accounts, copyButton, nothing, panel, requests, shown } from './parts.js';
import { address, place, use } from './state.js';
import { count, size } from './words.js';

export function overviewView() {
  const { account } = place();
  const entries = heard.entries.filter(entry => !account || entry.account === account);
  const refused = entries.filter(entry => entry.status >= 400 || entry.status === null);
  return h('div.tiles', { key: 'overview' },
    heard.entries.length === 0 ? panel('Begin', begin()) : null,
    panel('Accounts', accountList(account)),
    panel('Latest requests', entries.length ? requests(entries.slice(-8).reverse()) : nothing('No request came yet.'),
      entries.length ? h('a', { href: address('requests') }, `All ${count(entries.length, 'request')}`) : null),
    panel('Refused or failed', refused.length ? requests(refused.slice(-8).reverse()) : nothing('Nothing was refused.'),
      refused.length ? h('a', { href: address('requests', { status: '4xx' }) }, 'All that was refused') : null),
    account ? panel('Open links', openLinks(account)) : null,
    account ? panel('Files', files(account)) : null);
}

function accountList(chosen) {
  return shown(accounts(), ({ details }) => details.length === 0
    ? nothing('There is no account yet: any access token opens one.')
    : h('div.scroll', { tabindex: 0, role: 'region', 'aria-label': 'Accounts' }, h('table', {},
      h('thead', {}, h('tr', {}, ['Account', 'Holds', 'Links', 'Requests', 'Refused'].map(name => h('th', { scope: 'col' }, name)))),
      h('tbody', {}, details.map(one => {
        const own = heard.entries.filter(entry => entry.account === one.account);
        return h('tr', { key: one.account, class: one.account === chosen ? 'chosen' : 'other' },
          h('th', { scope: 'row' }, h('a', { href: address('overview', { account: one.account }) }, one.account)),
          h('td', {}, size(one.used)), h('td', {}, h('a', { href: address('links', { account: one.account }) }, String(one.links))),
          h('td', {}, String(own.length)), h('td', {}, String(own.filter(entry => entry.status >= 400).length)));
      })))));
}

function openLinks(account) {
  const known = use(`open-links:${account}`, () => get('/links', { account, query: { state: 'fresh', limit: 8 } }));
  return shown(known, ({ links }) => links.length === 0 ? nothing('No link is open.')
    : h('ul.lines', {}, links.map(link => h('li', { key: link.link },
      h('a.line', { href: address('links', { link: link.link }) }, h('b', {}, link.path), h('span', {}, countdown(account, link.expires_at)))))));
}

function files(account) {
  const known = use(`latest-files:${account}`, () => get('/files', { account, query: { recursive: 'true', limit: 200 } }));
  return shown(known, ({ entries }) => {
    const latest = entries.filter(entry => entry.file).sort((one, other) => other.file.server_modified.localeCompare(one.file.server_modified)).slice(0, 8);
    return latest.length === 0 ? nothing('The account is empty.')
      : h('ul.lines', {}, latest.map(entry => h('li', { key: entry.path },
        h('a.line', { href: address('files', { path: entry.path }) }, h('b', {}, entry.path), h('span', {}, size(entry.file.size))))));
  });
}

function begin() {
  const mint = `curl -s ${root}/2/files/get_temporary_upload_link -H 'Authorization: Bearer test' -H 'Content-Type: application/json' -d '{"commit_info":{"path":"/hello.txt"}}'`;
  return [
    h('p', {}, 'Mint a temporary upload link; what happens is shown here at once. Or drop a file anywhere onto this page.'),
    h('pre', { tabindex: 0, 'aria-label': 'A command that mints a link' }, mint), copyButton('Copy', mint, 'the command'),
  ];
}
