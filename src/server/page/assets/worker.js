// One stream for all tabs: a browser opens six connections to a server, and each tab would hold one.

import { Heard, Stream } from './stream.js';

/** By what the tabs show the controls: a tab without the token is told nothing that another tab hears. */
const streams = new Map();

self.onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => {
    if (data.bye) return leave(port);
    const name = JSON.stringify([data.url, data.headers]);
    if (!streams.has(name)) streams.set(name, open(data));
    const shared = streams.get(name);
    port.shared = name;
    shared.ports.add(port);
    port.postMessage(['all', { entries: shared.heard.entries, state: shared.heard.state }]);
  };
};

function open({ url, headers }) {
  const shared = { ports: new Set(), heard: new Heard() };
  shared.stream = new Stream(url, headers, (name, data) => {
    shared.heard.take(name, data);
    shared.ports.forEach(port => port.postMessage([name, data]));
  });
  return shared;
}

function leave(port) {
  const shared = streams.get(port.shared);
  shared?.ports.delete(port);
  if (shared && shared.ports.size === 0) {
    shared.stream.stop();
    streams.delete(port.shared);
  }
}
