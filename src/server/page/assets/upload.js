// A file that is dropped onto the page goes the way of every file: a link is minted, and the file is sent to it. The
// page never sends a file elsewhere: of the link it takes what stands behind the host, wherever links lead.

import { get, post, root } from './api.js';
import { h, say } from './dom.js';
import { address, place, stale } from './state.js';
import { size } from './words.js';

const MODES = {
  add: ['is refused', { mode: 'add' }],
  autorename: ['gets another name', { mode: 'add', autorename: true }],
  overwrite: ['replaces it', { mode: 'overwrite' }],
};
const BLOCK = 4 << 20;
const NEW = 'page';

/** Takes what is dropped anywhere. */
export function acceptDrops() {
  const isFile = event => event.dataTransfer?.types.includes('Files');
  addEventListener('dragover', event => { if (isFile(event)) { event.preventDefault(); document.body.classList.add('dropping'); } });
  addEventListener('dragleave', event => { if (!event.relatedTarget) document.body.classList.remove('dropping'); });
  addEventListener('drop', event => {
    document.body.classList.remove('dropping');
    if (!isFile(event)) return;
    event.preventDefault();
    ask([...event.dataTransfer.files]);
  });
}

/** The same for whoever does not drag. */
export function uploadButton() {
  return h('button', { onclick: () => {
    const input = h('input', { type: 'file', multiple: true, class: 'quiet', 'aria-label': 'Files to upload' });
    input.onchange = () => { if (input.files.length) ask([...input.files]); input.remove(); };
    input.oncancel = () => input.remove();
    document.body.append(input);
    input.click();
  } }, 'Upload…');
}

async function ask(files) {
  const { account, view, path } = place();
  const names = (await get('/accounts').catch(() => ({ accounts: [] }))).accounts;
  const folder = view === 'files' && path ? path.slice(0, path.lastIndexOf('/')) : '';
  const all = names.length ? names : [NEW];
  const steps = h('ol.steps', { 'aria-live': 'polite' });
  const form = h('form.fields', { onsubmit: event => {
    event.preventDefault();
    const { elements } = event.target;
    const [into, mode] = [elements.folder.value.replace(/\/+$/, ''), elements.mode.value];
    form.remove();
    go(files, { account: elements.account.value, isNew: names.length === 0, into, mode, steps });
  } },
    h('label', {}, 'Account', h('select', { name: 'account' }, all.map(name => h('option', { value: name, selected: name === account }, name)))),
    h('label', {}, 'Folder', h('input', { name: 'folder', value: folder || '/' })),
    h('label', {}, 'What finds another file there', h('select', { name: 'mode' }, Object.entries(MODES).map(([name, [meaning]]) => h('option', { value: name }, meaning)))),
    h('button.primary', { type: 'submit' }, `Mint ${files.length === 1 ? 'a link' : `${files.length} links`} and upload`));
  const dialog = h('dialog.upload', { 'aria-label': 'Upload' },
    h('div.row', {}, h('h2', {}, files.length === 1 ? files[0].name : `${files.length} files`), h('button.plain-button', { 'aria-label': 'Close', onclick: () => dialog.close() }, '×')),
    form, steps);
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
}

async function go(files, { account, isNew, into, mode, steps }) {
  // A token of this upload alone: those of the account are secrets that nobody shows.
  const token = `page-${[...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')}`;
  try {
    await (isNew ? post('/tokens', { token, account }) : post('/tokens', { token }, { account }));
    for (const file of files) await upload(file, { account, token, path: `${into}/${file.name}`, mode, steps });
  } catch (error) {
    step(steps, 'bad', error.message);
  } finally {
    await post('/tokens/revoke', { token }).catch(() => {});
    stale();
  }
}

function step(steps, kind, title, ...details) {
  const item = h(`li.${kind}`, {}, h('p', {}, title), details);
  steps.append(item);
  item.scrollIntoView({ block: 'nearest' });
  return item;
}

async function upload(file, { account, token, path, mode, steps }) {
  const argument = JSON.stringify({ commit_info: { path, ...MODES[mode][1] } });
  const MINT = '/2/files/get_temporary_upload_link';
  const mint = step(steps, 'running', `Mint a link for ${path}`, h('pre', {}, `POST ${MINT}\n${argument}`));
  const minted = await fetch(root + MINT, { method: 'POST', body: argument, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' } });
  const answer = await minted.text();
  const result = (item, status, text) => {
    item.className = status < 300 ? 'good' : 'bad';
    item.append(h('pre', {}, `${status}\n${text}`));
  };
  if (!minted.ok) return result(mint, minted.status, answer);
  const link = new URL(JSON.parse(answer).link);
  const secret = link.pathname.slice(link.pathname.indexOf('/apitul/1/'));
  result(mint, minted.status, answer.replace(secret, '/apitul/1/…'));

  const bar = h('progress', { max: Math.max(1, file.size), value: 0, 'aria-label': `Upload of ${file.name}` });
  const send = step(steps, 'running', `Send ${size(file.size)} to the link`, h('pre', {}, 'POST /apitul/1/…\nContent-Type: application/octet-stream'), bar);
  const { status, text } = await postBytes(root + secret, file, loaded => { bar.value = loaded; });
  if (status === 0) {
    send.className = 'bad';
    send.append(h('p', {}, 'The connection broke off before there was an answer. Whether the file was stored, its account tells.'));
    return undefined;
  }
  result(send, status, text);
  if (status !== 200) return undefined;
  bar.value = bar.max;

  const told = JSON.parse(text)['content-hash'];
  const own = await contentHash(file);
  const isSame = told === own;
  if (own) step(steps, isSame ? 'good' : 'bad', isSame ? 'The content hash is that of the file: every byte arrived.' : `The content hash is not that of the file, which is ${own}.`);
  step(steps, 'good', ['Done: ', h('a', { href: address('files', { account, path }), onclick: event => event.target.closest('dialog').close() }, path)]);
  say(`${file.name} is uploaded.`);
  return undefined;
}

/** `fetch` tells nothing of the progress of an upload. */
function postBytes(url, file, progress) {
  return new Promise(done => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.onprogress = event => progress(event.loaded);
    request.onloadend = () => done({ status: request.status, text: request.responseText });
    request.send(file);
  });
}

/** Dropbox's content hash, where the browser has SHA-256: not under a name that is not this machine's. */
async function contentHash(file) {
  if (!crypto.subtle) return undefined;
  const blocks = [];
  for (let at = 0; at < file.size; at += BLOCK) blocks.push(await sha256(await file.slice(at, at + BLOCK).arrayBuffer()));
  const whole = await sha256(await new Blob(blocks).arrayBuffer());
  return [...new Uint8Array(whole)].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
const sha256 = bytes => crypto.subtle.digest('SHA-256', bytes);
