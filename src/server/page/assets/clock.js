// The clock of the fake: what it shows, and moving it.

import { get, post } from './api.js';
import { attempt, h } from './dom.js';
import { place, stale, use } from './state.js';
import { moment, span } from './words.js';

const clockOf = account => use(`clock:${account ?? ''}`, () => get('/clock', { account }));

/** The fake's time now, in milliseconds, as this page goes on from what it read last. */
export function now(account) {
  const { value, at } = clockOf(account);
  if (!value) return undefined;
  return Date.parse(value.now) + (value.frozen ? 0 : performance.now() - at);
}

/** A time that runs down to `end` by the clock of the account. */
export function countdown(account, end) {
  return h('time.countdown', { 'data-until': end, 'data-account': account ?? '', datetime: end }, left(account, end));
}

function left(account, end) {
  const time = now(account);
  if (time === undefined) return '…';
  const seconds = (Date.parse(end) - time) / 1000;
  return seconds > 0 ? `${span(seconds)} left` : 'over';
}

/** Each second: what shows a time is set to the time. */
export function tick() {
  for (const element of document.querySelectorAll('[data-until]')) {
    const text = left(element.dataset.account || undefined, element.dataset.until);
    if (element.textContent === text) continue;
    element.textContent = text;
    if (text === 'over') stale();
  }
  for (const element of document.querySelectorAll('[data-now]')) {
    const time = now(element.dataset.now || undefined);
    if (time !== undefined) element.textContent = moment(new Date(time).toISOString());
  }
}

export function clock() {
  const { account } = place();
  const known = clockOf(account);
  const act = (path, body, done) => () => attempt(() => post(`/clock/${path}`, body, { account }), done).then(stale);
  const frozen = known.value?.frozen;
  const time = now(account);
  return h('section.clock', { 'aria-label': 'Clock' },
    h('span.now', { 'data-now': account ?? '' }, time === undefined ? '…' : moment(new Date(time).toISOString())),
    h(frozen ? 'span.tag.warn' : 'span.tag', { title: account ? `The clock of ${account}` : 'The clock of the server and every account' }, frozen ? 'frozen' : 'running'),
    h('span.row', {},
      h('button.small', { onclick: act('advance', { hours: 1 }, 'The clock is an hour ahead of where it was.') }, '+1 h'),
      h('button.small', { onclick: act('advance', { hours: 4 }, 'The clock is four hours ahead of where it was.') }, '+4 h'),
      frozen
        ? h('button.small', { key: 'resume', onclick: act('resume', {}, 'The clock runs again.') }, 'Resume')
        : h('button.small', { key: 'freeze', onclick: act('freeze', {}, 'The clock stands still.') }, 'Freeze'),
      h('button.small', { title: 'Back to the real time', onclick: act('reset', {}, 'The clock shows the real time.') }, 'Reset')));
}
