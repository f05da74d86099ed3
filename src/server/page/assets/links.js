// The upload links of an account.

import { get, post } from './api.js';
import { countdown } from './clock.js';
import { attempt, copy, h } from './dom.js';
import { heard } from './live.js';
import { nothing, panel, requests, shown } from './parts.js';
import { address, change, place, stale, use, useOnce } from './state.js';
import { count, moment, quoted } from './words.js';

const STATES = {
  fresh: ['good', 'can be used'], in_flight: ['info', 'an upload is under way'], locked: ['warn', 'unavailable for a while after an upload that broke off'],
  consumed: ['plain', 'used up'], expired: ['warn', 'its time is over'],
};

export function linksView() {
  const { account, state, link } = place();
  const known = use(`links:${account}:${state ?? ''}`, () => get('/links', { account, query: { state, limit: 500 } }));
  return panel('Upload links',
    h('form.filter', { onsubmit: event => event.preventDefault() },
      h('label', {}, 'State', h('select', { value: state ?? '', onchange: event => change({ state: event.target.value }) },
        h('option', { value: '' }, 'All'), Object.keys(STATES).map(name => h('option', { value: name, selected: name === state }, name.replace('_', ' ')))))),
    shown(known, ({ links, total }) => links.length === 0
      ? nothing(total ? 'No link is in this state.' : 'No link was minted in this account yet.')
      : [
        h('p.quiet-text', { key: 'total' }, links.length < total ? `${links.length} of ${count(total, 'link')}` : count(total, 'link')),
        h('ul.cards', { key: 'links' }, links.map(one => card(one, account, one.link === link))),
      ]));
}

function card(one, account, isChosen) {
  const [kind, meaning] = STATES[one.state];
  const uses = heard.entries.filter(entry => entry.link === one.link && entry.account === account);
  const isOpen = one.state === 'fresh' || one.state === 'in_flight' || one.state === 'locked';
  return h('li.card', { key: one.link, class: isChosen ? 'chosen' : 'other' },
    h('div.row.spread', {},
      h('b.path', {}, one.path), h(`span.tag.${kind}`, { title: meaning }, one.state.replace('_', ' '))),
    h('p.small', {}, h('code', {}, one.link), ` minted ${moment(one.minted_at)} · `,
      isOpen ? countdown(account, one.expires_at) : one.state === 'expired' ? `over since ${moment(one.expires_at)}` : meaning),
    used(uses, one),
    h('div.row', {},
      isOpen ? h('button.small', { onclick: () => attempt(() => post('/links/expire', { link: one.link }, { account }), `${one.link} is expired.`).then(stale) }, 'Expire now') : null,
      h('button.small', { onclick: () => attempt(() => copyLink(one.link, account)) }, 'Copy as curl')),
    uses.length ? h('details', { open: isChosen }, h('summary', {}, count(uses.length, 'request')), requests(uses.toReversed())) : null);
}

/** Who used it and when, as its requests tell. */
function used(uses, one) {
  const entry = uses.find(entry => entry.route === 'upload_link' && entry.status === 200);
  if (!entry) return null;
  const { value } = useOnce(`entry:${entry.sequence}`, () => get('/journal/entry', { query: { sequence: entry.sequence } }));
  const client = value?.request.headers.find(([name]) => name === 'user-agent')?.[1];
  return h('p.small', {}, 'used ', moment(entry.at), client ? ` by ${client}` : '', ', ', h('a', { href: address('requests', { entry: entry.sequence }), 'aria-label': `Request ${entry.sequence}, which used ${one.link}` }, `request ${entry.sequence}`));
}

async function copyLink(link, account) {
  const { url } = await post('/links/reveal', { link }, { account });
  await copy(`curl ${quoted(url)} -H 'Content-Type: application/octet-stream' --data-binary @FILE`, 'a curl command with the link in it');
}
