// Follows the events of the server by one request, and comes back when it breaks off.

const PATIENCE = [250, 500, 1000, 2000, 5000];
/** The server says something every 15 seconds; after this long it is gone. */
const SILENCE = 40_000;

export class Stream {
  /** `tell(name, data)` is called for `hello`, `requests`, `changed`, and `state` with live, lost or refused. */
  constructor(url, headers, tell) {
    Object.assign(this, { url, headers, tell, last: 0, failures: 0, stopped: false });
    this.run();
  }

  stop() {
    this.stopped = true;
    this.abort?.abort();
  }

  async run() {
    while (!this.stopped) {
      try {
        if (await this.follow() === 'refused') return;
      } catch {
        // It broke off: say so, and come back.
      }
      if (this.stopped) return;
      this.tell('state', { state: 'lost' });
      const wait = PATIENCE[Math.min(this.failures++, PATIENCE.length - 1)];
      await new Promise(done => setTimeout(done, wait));
    }
  }

  async follow() {
    this.abort = new AbortController();
    const response = await fetch(`${this.url}?since=${this.last}`, { headers: this.headers, signal: this.abort.signal, cache: 'no-store' });
    if (response.status === 403) {
      const problem = await response.json().catch(() => ({}));
      this.tell('state', { state: 'refused', detail: problem.detail, title: problem.title });
      return 'refused';
    }
    if (!response.ok) throw new Error('no stream');
    this.failures = 0;
    this.tell('state', { state: 'live' });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const silence = setTimeout(() => this.abort.abort(), SILENCE);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) return 'ended';
      const blocks = (rest + value).split('\n\n');
      rest = blocks.pop();
      blocks.forEach(block => this.take(block));
    }
  }

  take(block) {
    const fields = {};
    for (const line of block.split('\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
    }
    if (!fields.event) return;
    const data = JSON.parse(fields.data);
    if (fields.id) this.last = Number(fields.id);
    this.tell(fields.event, data);
  }
}

/** What came so far, in the order in which it came. */
export class Heard {
  entries = [];
  state = { state: 'connecting' };

  /** Takes an event in. */
  take(name, data) {
    if (name === 'state') this.state = data;
    else if (name === 'requests') this.entries.push(...data.entries);
    // The server was started anew: its numbers begin anew.
    if (name === 'hello' && data.since === 0) this.entries = [];
    if (data.first_sequence) {
      const first = this.entries.findIndex(entry => entry.sequence >= data.first_sequence);
      this.entries.splice(0, first < 0 ? this.entries.length : first);
    }
  }
}
