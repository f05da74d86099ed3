// The questions that only Dropbox can answer, and how this server answers them.

import { get, post } from './api.js';
import { attempt, confirmed, h } from './dom.js';
import { nothing, panel, rule, rules, shown } from './parts.js';
import { change, place, stale, use, useOnce } from './state.js';
import { count } from './words.js';

export function assumptionsView() {
  const { account, find = '', changed } = place();
  const questions = useOnce('questions', () => get('/assumptions/questions'));
  const values = use(`assumptions:${account ?? ''}`, () => get('/assumptions', { account }));
  rules();
  return panel('Assumptions',
    h('p', {}, 'What Dropbox does here nobody can tell from outside. Each answer can be switched, so that a test covers both; ',
      account ? `here for ${account}.` : 'here for every account, also those to come.'),
    h('form.filter', { role: 'search', 'aria-label': 'Filter of assumptions', onsubmit: event => event.preventDefault() },
      h('label', {}, 'Find', h('input', { type: 'search', value: find, oninput: event => change({ find: event.target.value }) })),
      h('label', {}, h('input', { type: 'checkbox', checked: changed === 'yes', onchange: event => change({ changed: event.target.checked ? 'yes' : '' }) }), 'Only what was changed'),
      h('button', { type: 'button', onclick: () => reset(account) }, 'Back to the defaults')),
    shown(questions, ({ questions: all }) => shown(values, ({ assumptions }) => {
      const isChanged = one => JSON.stringify(assumptions[one.name] ?? null) !== JSON.stringify(one.default);
      const fits = one => (!changed || isChanged(one)) && `${one.name} ${one.question}`.toLowerCase().includes(find.toLowerCase());
      const wanted = all.filter(fits);
      return [
        h('p.quiet-text', { key: 'count', role: 'status' }, `${count(wanted.length, 'question')}, ${count(all.filter(isChanged).length, 'answer')} changed`),
        wanted.length === 0 ? nothing('No question is like this.') : null,
        h('ul.plain-list', { key: 'questions' }, wanted.map(one => question(one, assumptions[one.name], isChanged(one), account))),
      ];
    })));
}

async function reset(account) {
  const whose = account ?? 'every account';
  if (await confirmed(`Put all assumptions of ${whose} back to the defaults?`, 'Put back')) await attempt(() => post('/assumptions/reset', {}, { account }), 'All assumptions are the defaults.').then(stale);
}

function question(one, value, isChanged, account) {
  const set = answer => attempt(() => post('/assumptions', { [one.name]: answer }, { account }), `${one.name} is set.`).then(stale);
  const choices = Object.entries(one.choices ?? {});
  const id = `assumption-${one.name}`;
  const shownValue = value === null || value === undefined ? '' : String(value);
  return h('li', { key: one.name },
    h('div.row.spread', {}, h('label.question', { for: id }, h('b', {}, one.question)), isChanged ? h('span.tag.warn', {}, 'changed') : null),
    choices.length
      ? h('select', { id, value: shownValue, onchange: event => set(event.target.value) }, choices.map(([name]) => h('option', { value: name, selected: name === shownValue }, name === one.default ? `${name} (default)` : name)))
      : h('form.row', { onsubmit: event => { event.preventDefault(); set(typed(event.target.elements[0].value, one.default)); } },
        h('input', { id, value: shownValue, placeholder: one.default === null ? 'none' : '' }), h('button.small', { type: 'submit' }, 'Set')),
    choices.length ? h('p.small', {}, one.choices[shownValue] ?? '') : null,
    h('p.small', {}, h('code', {}, one.name), ` · ${one.id}`),
    h('details', {}, h('summary', {}, choices.length ? `${count(choices.length, 'choice')}, ${count(one.basis.length, 'rule')}` : count(one.basis.length, 'rule')),
      choices.length ? h('dl.facts', {}, choices.map(([name, meaning]) => [h('dt', {}, name), h('dd', {}, meaning)])) : null,
      h('ul.plain-list', {}, one.basis.map(rule))));
}

/** What was typed, as the kind of value that the assumption has. */
function typed(text, like) {
  if (typeof like === 'string') return text;
  if (text.trim() === '') return null;
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}
