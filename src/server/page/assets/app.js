// The page itself: what is on every view, and which view it is.

import { credentials, forgetToken, get, hasSecret, keepToken, version } from './api.js';
import { assumptionsView } from './assumptions.js';
import { clock, tick } from './clock.js';
import { h, say, show } from './dom.js';
import { faultsView } from './faults.js';
import { filesView } from './files.js';
import { linksView } from './links.js';
import { follow, heard } from './live.js';
import { overviewView } from './overview.js';
import { accounts, nothing, panel, shown } from './parts.js';
import { requestsView } from './requests.js';
import { settingsView } from './settings.js';
import { address, change, onRefresh, place, refresh, stale } from './state.js';
import { acceptDrops, uploadButton } from './upload.js';

/** The views: their names, what they show, and whether that is always about one account. */
const VIEWS = {
  overview: ['Overview', overviewView],
  requests: ['Requests', requestsView],
  links: ['Links', linksView, true],
  files: ['Files', filesView, true],
  faults: ['Faults', faultsView],
  assumptions: ['Assumptions', assumptionsView],
  settings: ['Settings', settingsView],
};

const app = document.getElementById('app');

function draw() {
  const { view, account } = place();
  const [title, body, needsAccount] = VIEWS[view] ?? VIEWS.overview;
  document.title = `${title}${account ? ` of ${account}` : ''} – fake-dropbox`;
  show(app,
    h('a.skip', { href: '#main', onclick: event => { event.preventDefault(); document.getElementById('main').focus(); } }, 'Skip to the content'),
    h('header.top', {},
      h('a.brand', { href: address('overview', { account: '' }) }, h('img', { src: 'page/icon.svg', alt: '', width: 28, height: 28 }), h('b', {}, 'fake-dropbox'), h('span.version', {}, version)),
      live(), accountChoice(account), uploadButton(), clock()),
    h('nav.views', { 'aria-label': 'Views' }, Object.entries(VIEWS).map(([name, [text]]) =>
      h('a', { href: address(name), 'aria-current': name === view ? 'page' : false }, text))),
    h('main', { id: 'main', tabindex: -1, key: view },
      h('h1.quiet', {}, title),
      needsAccount && !account ? chooseAccount(title) : body()));
}

function live() {
  const { state } = heard.state;
  const text = { live: 'live', lost: 'coming back…', connecting: 'connecting…', refused: 'refused' }[state];
  return h(`span.tag.${state === 'live' ? 'good' : 'warn'}`, { title: state === 'live' ? 'What happens is shown as it happens.' : 'The server does not answer.', class: 'live' }, text);
}

function accountChoice(account) {
  const names = accounts().value?.accounts ?? [];
  return h('label.account', {}, 'Account', h('select', {
    value: account ?? '', onchange: event => change({ account: event.target.value, path: '', link: '', entry: '' }, { push: true }),
  }, h('option', { value: '', key: '' }, 'All accounts'),
    (account && !names.includes(account) ? [account, ...names] : names).map(name => h('option', { value: name, key: name, selected: name === account }, name))));
}

function chooseAccount(title) {
  return panel(title, shown(accounts(), ({ accounts: names }) => {
    // There is no choice.
    if (names.length === 1) queueMicrotask(() => change({ account: names[0] }));
    return names.length === 0 ? nothing('There is no account yet: any access token opens one.')
      : [h('p', {}, 'Of which account?'), h('ul.lines', {}, names.map(name => h('li', { key: name }, h('a.line', { href: address(place().view, { account: name }) }, name))))];
  }));
}

/** Asks for the token of the controls, which stays in this tab. */
function askForToken(why) {
  let field;
  const form = h('form.panel.token', {
    onsubmit: async event => {
      event.preventDefault();
      keepToken(field.value);
      try {
        await get('/status');
        start();
      } catch (error) {
        forgetToken();
        askForToken(error.message);
      }
    },
  },
    h('h1', {}, 'fake-dropbox'),
    h('p', {}, 'This server is asked from another machine or under another name, so its controls want the token that it was started with (', h('code', {}, '--control-token'), ').'),
    h('label', {}, 'Control token', field = h('input', { type: 'password', name: 'token', autocomplete: 'off', required: true })),
    h('button.primary', { type: 'submit' }, 'Go on'),
    why ? h('p.problem', { role: 'alert' }, why) : null);
  show(app, h('main', { key: why ?? 'ask' }, form));
  field.focus();
}

/** The server was started anew, and knows the page no longer: the page comes anew, too. */
function reload(detail) {
  const KEY = 'fake-dropbox-reloaded';
  const again = sessionStorage.getItem(KEY) === document.querySelector('meta[name="fake-dropbox-secret"]').content;
  if (!hasSecret || again) {
    forgetToken();
    return hasSecret ? show(app, h('main', {}, h('p.problem', { role: 'alert' }, detail))) : askForToken(detail);
  }
  sessionStorage.setItem(KEY, document.querySelector('meta[name="fake-dropbox-secret"]').content);
  location.reload();
  return undefined;
}

function start() {
  onRefresh(draw);
  addEventListener('hashchange', refresh);
  addEventListener('popstate', refresh);
  follow((name, data) => {
    if (name === 'state' && data.state === 'refused') return reload(data.detail);
    if (name === 'state' && data.state !== 'live') say('The connection to the server is lost.');
    return name === 'state' ? refresh() : stale();
  });
  acceptDrops();
  setInterval(tick, 1000);
  refresh();
}

if (credentials()) start();
else askForToken();

