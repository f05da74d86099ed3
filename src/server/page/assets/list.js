// A list of any length, of which only what can be seen is there.

import { h, show } from './dom.js';

const BESIDE = 8;

export class List {
  /** `draw(item)` gives the parts of a row; `chosen(item)` is told what the reader goes to. */
  constructor({ label, id, draw, chosen }) {
    Object.assign(this, { draw, chosen, id, items: [], at: undefined });
    this.runway = h('div.runway', { role: 'presentation' });
    this.element = h('div.list', {
      role: 'listbox', tabindex: 0, 'aria-label': label, id,
      onkeydown: event => this.press(event),
      onclick: event => this.click(event),
      onscroll: () => this.paint(),
    }, this.runway);
    new ResizeObserver(() => this.paint()).observe(this.element);
  }

  get rowHeight() {
    return parseFloat(getComputedStyle(this.runway).getPropertyValue('--row')) || 36;
  }

  /** Shows these, the first on top; each has a `sequence`. What the reader looks at stays where it is. */
  set(items, at) {
    const first = this.items[0]?.sequence;
    const added = first === undefined ? 0 : items.findIndex(item => item.sequence === first);
    const top = this.element.scrollTop;
    const isNew = this.at !== at;
    Object.assign(this, { items, at });
    this.runway.style.height = `${items.length * this.rowHeight}px`;
    if (added > 0 && top > 0) this.element.scrollTop = top + added * this.rowHeight;
    if (isNew) this.reveal();
    this.paint();
  }

  get index() {
    return this.items.findIndex(item => item.sequence === this.at);
  }

  reveal() {
    const { index, rowHeight, element } = this;
    if (index < 0) return;
    const top = index * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + element.clientHeight) element.scrollTop = top + rowHeight - element.clientHeight;
  }

  paint() {
    const { element, rowHeight, items } = this;
    const first = Math.max(0, Math.floor(element.scrollTop / rowHeight) - BESIDE);
    const last = Math.min(items.length, Math.ceil((element.scrollTop + element.clientHeight) / rowHeight) + BESIDE);
    const rows = [];
    for (let index = first; index < last; index++) {
      const item = items[index];
      const isAt = item.sequence === this.at;
      const row = h('div.list-row', {
        key: item.sequence, role: 'option', id: `${this.id}-${item.sequence}`, 'aria-selected': String(isAt),
        'aria-posinset': index + 1, 'aria-setsize': items.length, 'data-index': index,
      }, this.draw(item));
      rows.push(row);
    }
    show(this.runway, rows);
    for (const row of this.runway.children) row.style.transform = `translateY(${row.dataset.index * rowHeight}px)`;
    const active = this.index >= first && this.index < last;
    if (active) element.setAttribute('aria-activedescendant', `${this.id}-${this.at}`);
    else element.removeAttribute('aria-activedescendant');
  }

  go(index) {
    const item = this.items[Math.max(0, Math.min(this.items.length - 1, index))];
    if (item) this.chosen(item);
  }

  click(event) {
    const row = event.target.closest('.list-row');
    if (row) this.go(Number(row.dataset.index));
  }

  press(event) {
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.rowHeight) - 1);
    const { index } = this;
    const to = {
      ArrowDown: index + 1, ArrowUp: index < 0 ? 0 : index - 1, PageDown: index + page, PageUp: index - page,
      Home: 0, End: this.items.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.go(to);
  }
}
