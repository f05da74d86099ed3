// The files of an account: a tree, and one of them in full.

import { get } from './api.js';
import { attempt, h, save } from './dom.js';
import { copyButton, nothing, panel, shown } from './parts.js';
import { change, place, use } from './state.js';
import { moment, size } from './words.js';

/** More than this is not shown, only downloaded. */
const PREVIEW = 1 << 20;
const IMAGES = { png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp', svg: 'image/svg+xml', avif: 'image/avif', bmp: 'image/bmp' };

/** The folders that the reader has opened or closed, beside those above the file that is shown. */
const open = new Map();

const name = path => path.slice(path.lastIndexOf('/') + 1);
const isOpen = (path, chosen) => open.get(path) ?? (path === '' || (chosen ?? '').toLowerCase().startsWith(`${path.toLowerCase()}/`));

export function filesView() {
  const { account, path } = place();
  return h('div.files', { key: 'files', class: path ? 'with-detail' : 'alone' },
    panel('Files', h('ul.tree', { role: 'tree', 'aria-label': `Files of ${account}`, onkeydown: press }, folder(account, '', path, 1))),
    path ? h('aside.detail.panel', { 'aria-label': path }, detail(account, path)) : null);
}

function folder(account, path, chosen, level) {
  const limit = Number(open.get(`${path}/ limit`) ?? 200);
  const known = use(`folder:${account}:${path}:${limit}`, () => get('/files', { account, query: { path, limit } }));
  return shown(known, ({ entries, more }) => [
    entries.length === 0 ? h('li', { role: 'none' }, nothing(path ? 'Empty.' : 'The account is empty. Drop a file anywhere onto this page.')) : null,
    entries.map(entry => item(account, entry, chosen, level)),
    more ? h('li', { role: 'none', key: 'more' }, h('button.small', { onclick: () => { open.set(`${path}/ limit`, limit * 5); change({ more: limit }); } }, 'Show more')) : null,
  ]);
}

function item(account, entry, chosen, level) {
  const { path, file } = entry;
  const unfolded = !file && isOpen(path, chosen);
  const isChosen = chosen?.toLowerCase() === path.toLowerCase();
  const act = () => {
    if (!file) open.set(path, !unfolded);
    change({ path }, { push: true });
  };
  return h('li', { role: 'none', key: path },
    h('div.tree-item', {
      role: 'treeitem', tabindex: isChosen || (!chosen && level === 1) ? 0 : -1, 'aria-level': level, 'aria-selected': String(isChosen),
      'aria-expanded': file ? false : String(unfolded), 'data-path': path, class: isChosen ? 'chosen' : 'other', onclick: act,
    },
      h('span.fold', { 'aria-hidden': 'true' }, file ? '' : unfolded ? '▾' : '▸'), h('span.name', {}, name(path), file ? '' : '/'),
      file ? h('span.quiet-text', {}, size(file.size)) : null),
    unfolded ? h('ul', { role: 'group' }, folder(account, path, chosen, level + 1)) : null);
}

/** The keys of a tree. */
function press(event) {
  const items = [...event.currentTarget.querySelectorAll('[role=treeitem]')];
  const index = items.indexOf(event.target);
  const at = items[index];
  if (!at) return;
  const unfolded = at.getAttribute('aria-expanded');
  const to = {
    ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: items.length - 1,
    ArrowLeft: items.findLastIndex((other, place) => place < index && other.ariaLevel < at.ariaLevel),
  }[event.key];
  if (event.key === 'Enter' || event.key === ' ' || (event.key === 'ArrowRight' && unfolded === 'false') || (event.key === 'ArrowLeft' && unfolded === 'true')) at.click();
  else if (to !== undefined) items[Math.max(0, Math.min(items.length - 1, to))]?.focus();
  else return;
  event.preventDefault();
}

function detail(account, path) {
  const known = use(`file:${account}:${path}`, () => get('/file', { account, query: { path } }));
  return [
    h('div.row.head', { key: 'head' }, h('h2.path', {}, name(path) || '/'), h('button.plain-button', { 'aria-label': 'Close', onclick: () => change({ path: '' }) }, '×')),
    shown(known, entry => h('div', { key: entry.file?.rev ?? entry.id }, entry.file ? file(account, entry) : folderFacts(entry))),
  ];
}

const fact = (term, value) => [h('dt', {}, term), h('dd', {}, value)];
const folderFacts = entry => h('dl.facts', {}, fact('Folder', entry.path), fact('Id', h('code', {}, entry.id)));

function file(account, { path, id, file: content }) {
  const revisions = use(`revisions:${account}:${path}`, () => get('/file/revisions', { account, query: { path } }));
  return [
    h('dl.facts', {}, fact('Path', path), fact('Size', `${size(content.size)}${content.size >= 1024 ? ` (${content.size.toLocaleString('en')} bytes)` : ''}`),
      fact('Content hash', [h('code.hash', {}, content.content_hash)]), fact('Committed', moment(content.server_modified)),
      fact('Modified', moment(content.client_modified)), fact('Revision', h('code', {}, content.rev)), fact('Id', h('code', {}, id))),
    h('div.row', {},
      h('button.small', { onclick: () => attempt(async () => save(await bytes(account, path), name(path))) }, 'Download'),
      copyButton('Copy the hash', content.content_hash, 'the content hash')),
    h('h3', {}, 'Preview'), preview(account, path, content),
    h('h3', {}, 'Revisions'),
    shown(revisions, ({ revisions: all }) => h('ol.plain-list', { reversed: true }, all.map(one => h('li', { key: one.rev },
      h('code', {}, one.rev), ` ${size(one.size)} · ${moment(one.server_modified)}`, one.rev === content.rev ? ' · now' : '')))),
  ];
}

const bytes = (account, path) => get('/files/content', { account, query: { path }, raw: true });

/** Text is shown as text. An image is decoded in a frame of an origin of its own, without scripts. */
function preview(account, path, content) {
  if (content.size === 0) return nothing('The file is empty.');
  if (content.size > PREVIEW) return nothing(`Files of more than ${size(PREVIEW)} are not shown.`);
  const known = use(`preview:${account}:${path}:${content.rev}`, () => read(account, path));
  return shown(known, ({ text, image }) => {
    if (image) return h('iframe.image', { sandbox: '', title: `Preview of ${name(path)}`, srcdoc: `<!doctype html><body><img alt="" src="${image}">` });
    return text === undefined ? nothing('This is neither a text nor an image.') : h('pre.text', { tabindex: 0, 'aria-label': `Content of ${name(path)}` }, text);
  });
}

async function read(account, path) {
  const buffer = new Uint8Array(await (await bytes(account, path)).arrayBuffer());
  const type = IMAGES[path.slice(path.lastIndexOf('.') + 1).toLowerCase()];
  if (type) return { image: `data:${type};base64,${base64(buffer)}` };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(buffer);
    return /[\0-\x08\x0e-\x1a]/.test(text) ? {} : { text };
  } catch {
    return {};
  }
}

function base64(buffer) {
  let text = '';
  for (let at = 0; at < buffer.length; at += 8192) text += String.fromCharCode(...buffer.subarray(at, at + 8192));
  return btoa(text);
}
