// What happens, as this tab hears of it.

import { asset, control, credentials } from './api.js';
import { Heard, Stream } from './stream.js';

export const heard = new Heard();

/** Follows from now on; `told(name)` is called after each event. */
export function follow(told) {
  const tell = (name, data) => {
    if (name === 'all') Object.assign(heard, data);
    else heard.take(name, data);
    told(name, data);
  };
  const headers = credentials();
  const url = control('/events');
  let worker;
  try {
    // The name changes with the start of the server, so no worker of an older version is met.
    const name = Object.values(headers)[0];
    worker = new SharedWorker(asset('worker.js'), { type: 'module', name: `${location.pathname}${hash(name)}` });
  } catch {
    return new Stream(url, headers, tell);
  }
  let fallback;
  worker.onerror = () => { fallback ??= new Stream(url, headers, tell); };
  worker.port.onmessage = ({ data: [name, data] }) => tell(name, data);
  worker.port.postMessage({ url, headers });
  addEventListener('pagehide', () => worker.port.postMessage({ bye: true }));
  addEventListener('pageshow', event => event.persisted && worker.port.postMessage({ url, headers }));
  return worker;
}

function hash(text) {
  let number = 0;
  for (const character of text) number = Math.imul(number, 31) + character.codePointAt(0) | 0;
  return number;
}
