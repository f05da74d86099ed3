// What a person does at the page of the fake, in a real browser: `node page.cjs BROWSER URL SCENARIO [MORE]`.
// Each step that went well is a line `ok STEP`. A message on the browser's console is a failure.

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { chromium } = require('playwright-core');
const axe = require('axe-core');

const [program, url, scenario, more] = process.argv.slice(2);
const TOKEN = 'alice-token';
const VIEWS = ['overview', 'requests', 'links', 'files', 'faults', 'assumptions', 'settings'];
const ok = step => console.log(`ok ${step}`);

async function control(method, path, body, headers = {}) {
  const response = await fetch(`${url}/_fake/v1${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const answer = await response.json();
  assert(response.ok, `${method} ${path}: ${answer.detail}`);
  return answer;
}
const read = (path, headers) => control('GET', path, undefined, headers);

async function api(route, argument, token = TOKEN) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const response = await fetch(`${url}/2/${route}`, { method: 'POST', headers, body: JSON.stringify(argument) });
  return { status: response.status, text: await response.text() };
}
const mint = async path => JSON.parse((await api('files/get_temporary_upload_link', { commit_info: { path } })).text).link;
async function upload(link, body) {
  const { pathname } = new URL(link);
  const headers = { 'Content-Type': 'application/octet-stream' };
  return (await fetch(url + pathname, { method: 'POST', headers, body })).status;
}
async function alice() {
  await control('POST', '/accounts', { name: 'alice' });
  await control('POST', '/tokens', { token: TOKEN, account: 'alice' });
}

let browser;
const said = [];

function listen(page) {
  page.on('console', message => ['error', 'warning'].includes(message.type()) && said.push(`${message.type()}: ${message.text()} ${message.location().url}`));
  page.on('pageerror', error => said.push(error.stack));
  return page;
}

async function open(hash = '', options = {}) {
  const context = options.context ?? await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ['clipboard-read', 'clipboard-write'], ...options });
  const page = listen(await context.newPage());
  await page.goto(`${options.at ?? url}/_fake/${hash}`);
  return page;
}

const to = (page, hash) => page.evaluate(hash => { location.hash = hash; }, hash);
const clip = page => page.evaluate(() => navigator.clipboard.readText());
const toast = (page, text) => page.locator('.toast', { hasText: text }).first().waitFor();
/** The account has this, as the controls tell, at once or soon. */
async function soon(what, look) {
  for (let tries = 0; tries < 200; tries++) {
    if (await look()) return;
    await new Promise(done => setTimeout(done, 25));
  }
  assert.fail(`never: ${what}`);
}

const scenarios = {
  /** Every view, as it is judged for those who cannot see or point. */
  async looks() {
    await filled();
    for (const scheme of ['light', 'dark']) {
      for (const width of [400, 1280, 2500]) {
        const page = await open('', { colorScheme: scheme, viewport: { width, height: 900 } });
        await page.getByText('live', { exact: true }).waitFor();
        for (const view of VIEWS) {
          await to(page, `#/${view}?account=alice`);
          await page.locator('nav a[aria-current=page]', { hasText: view[0].toUpperCase() + view.slice(1) }).waitFor();
          await page.waitForFunction(() => !document.body.textContent.includes('Loading…'));
          await judged(page, `${view} at ${width} in ${scheme}`);
        }
        await to(page, '#/requests?entry=4');
        await page.locator('.rule').first().waitFor();
        await judged(page, `a request at ${width} in ${scheme}`);
        await to(page, '#/files?account=alice&path=/in/report.txt');
        await page.locator('pre.text').waitFor();
        await judged(page, `a file at ${width} in ${scheme}`);
        await page.context().close();
      }
    }
    ok('looks');
  },

  /** The page by the keyboard alone. */
  async keyboard() {
    await filled();
    const page = await open('#/requests');
    await page.locator('.list-row').first().waitFor();
    for (let tabs = 0; await page.evaluate(() => document.activeElement.id) !== 'requests'; tabs++) {
      assert(tabs < 40, 'the list is never reached');
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('ArrowDown');
    await page.locator('.detail h2', { hasText: 'Request' }).waitFor();
    const first = await page.locator('.detail h2').textContent();
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(first => document.querySelector('.detail h2').textContent !== first, first);
    await page.keyboard.press('End');
    await page.locator('.detail h2', { hasText: /^Request 1$/ }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-activedescendant')), 'requests-1');
    ok('the list');
    await to(page, '#/files?account=alice');
    const folder = page.getByRole('treeitem', { name: 'in/' });
    await folder.focus();
    await page.keyboard.press('ArrowRight');
    const file = page.getByRole('treeitem', { name: 'report.txt' });
    await file.waitFor();
    await folder.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('pre.text').waitFor();
    assert.match(page.url(), /path=%2Fin%2F/);
    await folder.focus();
    await page.keyboard.press('ArrowLeft');
    await file.waitFor({ state: 'detached' });
    ok('the tree');
  },

  /** What happens is shown as it happens, in ten tabs at once. */
  async live() {
    await alice();
    const first = await open('#/requests');
    const context = first.context();
    const pages = [first];
    while (pages.length < 10) pages.push(await open('#/requests', { context }));
    for (const page of pages) await page.getByText('live', { exact: true }).waitFor();
    await mint('/first.txt');
    for (const page of pages) {
      await page.bringToFront();
      await page.locator('.list-row', { hasText: '/first.txt' }).waitFor();
    }
    ok('ten tabs');
    await first.bringToFront();
    await first.getByRole('button', { name: 'Pause' }).click();
    await mint('/second.txt');
    await first.getByRole('button', { name: 'Go on (1 new)' }).waitFor();
    assert.equal(await first.locator('.list-row', { hasText: '/second.txt' }).count(), 0);
    await first.getByRole('button', { name: 'Go on' }).click();
    await first.locator('.list-row', { hasText: '/second.txt' }).waitFor();
    ok('pause');
    await api('files/get_metadata', { path: '/nowhere' });
    await first.getByLabel('Status').selectOption('4xx');
    await first.getByText('1 of 3 requests').waitFor();
    await first.getByLabel('Path').fill('WHERE');
    await first.getByLabel('Route').selectOption('files/get_metadata');
    assert.match(first.url(), /status=4xx.*path=WHERE.*route=files%2Fget_metadata/);
    const colleague = await open(new URL(first.url()).hash);
    await colleague.getByText('1 of 3 requests').waitFor();
    ok('the filter is in the address');
    await first.bringToFront();
    await first.locator('.list-row').first().click();
    await first.locator('.detail', { hasText: 'path/not_found/' }).waitFor();
    await first.getByRole('button', { name: 'Copy as curl' }).click();
    const command = await clip(first);
    assert(command.includes('/2/files/get_metadata') && command.includes('"Authorization: Bearer $TOKEN"') && !command.includes(TOKEN), command);
    assert(!(await first.content()).includes(TOKEN), 'a token is shown');
    ok('copy as curl');
    await control('POST', '/journal/clear', {});
    await first.getByText('No request is like this.').waitFor();
    ok('cleared');
  },

  /** A link and its time. */
  async links() {
    await alice();
    await control('POST', '/clock/freeze', { at: '2026-01-01T00:00:00Z' });
    const link = await mint('/in/a.txt');
    const other = await mint('/in/b.txt');
    const page = await open('#/links?account=alice');
    const card = page.locator('.card', { hasText: '/in/a.txt' });
    await card.getByText('4:00:00 left').waitFor();
    await control('POST', '/clock/advance', { hours: 3, seconds: 60 });
    await card.getByText('59:00 left').waitFor();
    ok('the countdown follows the clock');
    await page.getByRole('button', { name: '+1 h' }).click();
    await card.getByText('expired', { exact: true }).waitFor();
    ok('over');
    assert.equal((await read('/clock?account=alice')).now, '2026-01-01T04:01:00Z');
    await mint('/in/c.txt');
    const third = page.locator('.card', { hasText: '/in/c.txt' });
    assert(!(await page.content()).includes(link.split('/').at(-1)), 'a link is shown');
    await third.getByRole('button', { name: 'Copy as curl' }).click();
    await toast(page, 'Copied');
    const command = await clip(page);
    assert.match(command, /^curl 'http:\/\/[^/]+\/apitul\/1\/[^']+'/);
    assert.equal(await upload(command.split("'")[1], 'by the copied link'), 200);
    await third.getByText('consumed', { exact: true }).waitFor();
    await third.getByText('used 2026-01-01 04:01:00 UTC by').waitFor();
    ok('copied and used');
    await mint('/in/d.txt');
    const fourth = page.locator('.card', { hasText: '/in/d.txt' });
    await fourth.getByRole('button', { name: 'Expire now' }).click();
    await fourth.getByText('expired', { exact: true }).waitFor();
    ok('expired by hand');
    await page.getByLabel('State').selectOption('consumed');
    await page.getByText('1 of 4 links').waitFor();
    assert.equal(await upload(other, 'too late'), 410);
    ok('the filter');
  },

  /** Every button that has no scenario of its own. */
  async buttons() {
    await alice();
    const page = await open('#/faults?account=alice');
    const clock = name => page.getByLabel('Clock').getByRole('button', { name, exact: true });
    await clock('Freeze').click();
    await clock('Resume').waitFor();
    const frozen = await read('/clock?account=alice');
    assert(frozen.frozen && !(await read('/clock')).frozen);
    await clock('+1 h').click();
    await clock('+4 h').click();
    const later = await read('/clock?account=alice');
    await soon('five hours later', async () => Date.parse((await read('/clock?account=alice')).now) - Date.parse(frozen.now) === 5 * 3600_000);
    assert(later.frozen);
    await clock('Resume').click();
    await clock('Freeze').waitFor();
    await clock('Reset').click();
    await soon('the real time', async () => Math.abs(Date.parse((await read('/clock?account=alice')).now) - Date.now()) < 60_000);
    ok('the clock');

    const usual = page.locator('form.fault');
    const count = await usual.count();
    assert(count >= 10, `${count} usual faults`);
    for (let index = 0; index < count; index++) {
      await usual.nth(index).locator('button').click();
      await toast(page, `Fault ${index + 1} is set`);
    }
    assert.equal((await read('/faults?account=alice')).faults.length, count);
    ok('the usual faults');
    await page.getByRole('button', { name: 'Remove fault 1', exact: true }).click();
    await toast(page, 'Fault 1 is removed');
    await page.getByRole('button', { name: 'Remove all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove all' }).click();
    await page.getByText('Nothing is set to go wrong.').waitFor();
    await page.locator('form.fault', { hasText: 'An upload answers 503' }).locator('summary').click();
    const form = page.getByRole('form', { name: 'An upload answers 503' });
    await form.getByLabel('path').fill('/in/**');
    await form.getByLabel('times').fill('always');
    await form.getByRole('button').click();
    await page.getByText('never fired').waitFor();
    await api('files/get_temporary_upload_link', { commit_info: { path: '/out.txt' } });
    await upload(await mint('/out.txt'), 'x');
    await page.getByText('path is /out.txt, not /in/**').first().waitFor();
    assert.equal(await upload(await mint('/in/x'), 'x'), 503);
    await page.getByText('fired once').waitFor();
    ok('which fired, and what came close');
    await page.getByText('Any other rule, as JSON').click();
    await page.getByLabel('A fault rule as JSON').fill('{"phase":"head","action":"close","match":{"route":"files/nothing"}}');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.locator('.toast.bad', { hasText: 'no route is called' }).waitFor();
    await page.getByRole('button', { name: 'Put away' }).last().click();
    await page.getByLabel('A fault rule as JSON').fill('{"phase":"head","action":"close","match":{"route":"files/download"}}');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('close at head').waitFor();
    ok('a rule of one\'s own');
    await fetch(`${url}/_fake/v1/journal/wait?account=alice`, { method: 'POST', body: '{"for":{"status":418},"timeout_milliseconds":1}' });
    await page.getByText('nothing like').waitFor();
    ok('waited for in vain');

    await to(page, '#/assumptions?account=alice');
    await page.getByLabel('What becomes of a link whose commit failed with 409?').selectOption('frees');
    await soon('an assumption', async () => (await read('/assumptions?account=alice')).assumptions.failed_commit === 'frees');
    assert.notEqual((await read('/assumptions')).assumptions.failed_commit, 'frees');
    await page.getByLabel('Only what was changed').check();
    await page.getByText('1 question, 1 answer changed').waitFor();
    await page.getByText('3 choices').click();
    await page.locator('.rule').first().waitFor();
    await page.getByLabel('Only what was changed').uncheck();
    await page.getByRole('searchbox', { name: 'Find' }).fill('interrupted_body_lock');
    await page.getByText(/^1 question,/).waitFor();
    await page.getByLabel('How long does a link stay locked').fill('7');
    await page.getByRole('button', { name: 'Set', exact: true }).click();
    await soon('a number', async () => (await read('/assumptions?account=alice')).assumptions.interrupted_body_lock_seconds === 7);
    await page.getByRole('button', { name: 'Back to the defaults' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Put back' }).click();
    await page.getByText('0 answers changed').waitFor();
    ok('assumptions');

    await to(page, '#/settings?account=alice');
    const settings = name => page.locator('section.panel', { hasText: name });
    await page.getByLabel('Name', { exact: true }).fill('before');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Restore before' }).waitFor();
    await upload(await mint('/later.txt'), 'later');
    await page.getByRole('button', { name: 'Restore before' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
    await toast(page, 'before is restored');
    assert.equal((await read('/files?account=alice')).entries.some(entry => entry.path === '/later.txt'), false);
    await page.getByRole('button', { name: 'Delete before' }).click();
    await page.getByText('There is none yet.').waitFor();
    ok('snapshots');
    await page.getByLabel('Quota in bytes').fill('1000');
    await settings('Quota').getByRole('button', { name: 'Set', exact: true }).click();
    await page.getByText('of 1000 bytes').waitFor();
    await page.getByLabel('URL').fill(more);
    await page.getByLabel('Secret of the app').fill('secret');
    await page.getByRole('button', { name: 'Register' }).click();
    await page.getByRole('button', { name: `Remove ${more}` }).click();
    await page.getByText('No URL is told of changes.').waitFor();
    ok('quota and webhooks');
    for (const [button, name, ending] of [['Download as one page', 'fake-dropbox-journal.html', '</html>'], ['Download as text', 'fake-dropbox-journal.txt', '']]) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
      assert.equal(download.suggestedFilename(), name);
      const text = require('node:fs').readFileSync(await download.path(), 'utf8');
      assert(text.includes('/later.txt') && text.trim().endsWith(ending), text);
    }
    ok('the journal to keep');
    await upload(await mint('/left.txt'), 'left');
    await page.getByRole('button', { name: 'Reset alice' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    assert.equal((await read('/files?account=alice')).entries.length > 0, true);
    await page.getByRole('button', { name: 'Reset alice' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
    await soon('an empty account', async () => (await read('/files?account=alice')).entries.length === 0);
    await page.getByRole('button', { name: 'Clear the journal' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
    await soon('an empty journal', async () => (await read('/journal')).entries.length === 0);
    await page.getByLabel('New account').fill('bob');
    await page.getByRole('button', { name: 'Make' }).click();
    await page.waitForFunction(() => location.hash.includes('account=bob'));
    await page.locator('label.account select').selectOption('alice');
    await page.waitForFunction(() => location.hash.includes('account=alice'));
    ok('begin anew');
    expected(/400 \(Bad Request\).*faults/);
  },

  /** Files: the tree, what is known of one, the past, the bytes. */
  async files() {
    await alice();
    await upload(await mint('/in/report.txt'), 'first');
    await control('PUT', '/files/content?account=alice&path=/in/report.txt', 'second');
    const page = await open('#/files');
    await page.getByRole('treeitem', { name: 'in/' }).click();
    await page.getByRole('treeitem', { name: 'report.txt' }).click();
    await page.locator('pre.text', { hasText: '"second"' }).waitFor();
    const known = await read('/file?account=alice&path=/in/report.txt');
    await page.locator('.hash', { hasText: known.file.content_hash }).waitFor();
    assert.equal(await page.locator('.detail ol li').count(), 2);
    ok('content, hash and revisions');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
    assert.equal(download.suggestedFilename(), 'report.txt');
    assert.equal(require('node:fs').readFileSync(await download.path(), 'utf8'), '"second"');
    await page.getByRole('button', { name: 'Copy the hash' }).click();
    await toast(page, 'Copied');
    assert.equal(await clip(page), known.file.content_hash);
    ok('download');
    await upload(await mint('/in/new.txt'), 'new');
    await page.getByRole('treeitem', { name: 'new.txt' }).waitFor();
    ok('a file appears');
  },

  /** A file that is dropped goes through a link at this server, wherever links lead. */
  async upload() {
    await control('POST', '/links/origin', { links: 'production' });
    const page = await open('#/overview');
    const asked = [];
    page.on('request', request => asked.push(request.url()));
    await page.getByText('live', { exact: true }).waitFor();
    await drop(page, 'dropped.txt', 'dropped content');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Folder').fill('/in');
    await dialog.getByRole('button', { name: 'Mint a link and upload' }).click();
    await dialog.getByText('every byte arrived').waitFor();
    for (const step of ['Mint a link for /in/dropped.txt', 'POST /2/files/get_temporary_upload_link', 'Send 15 bytes to the link', 'content-hash']) await dialog.getByText(step).first().waitFor();
    assert(asked.every(address => new URL(address).origin === url), asked.join('\n'));
    assert.equal(JSON.parse(JSON.stringify(await read('/file?account=page&path=/in/dropped.txt'))).file.size, 15);
    ok('dropped');
    await dialog.getByRole('link', { name: '/in/dropped.txt' }).click();
    await page.locator('pre.text', { hasText: 'dropped content' }).waitFor();
    ok('and shown');
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Upload…' }).click()]);
    await chooser.setFiles({ name: 'dropped.txt', mimeType: 'text/plain', buffer: Buffer.from('other content') });
    await dialog.getByLabel('Folder').fill('/in');
    await dialog.getByRole('button', { name: 'Mint a link and upload' }).click();
    await dialog.locator('li.bad', { hasText: '409' }).waitFor();
    ok('a conflict is shown');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await control('POST', '/faults', { match: { route: 'upload_link' }, phase: 'head', action: 'close', times: 'unlimited' });
    await drop(page, 'lost.txt', 'lost');
    await dialog.getByRole('button', { name: 'Mint a link and upload' }).click();
    await dialog.getByText('The connection broke off').waitFor();
    ok('a lost answer is shown');
    expected(/409 \(Conflict\)/, /ERR_EMPTY_RESPONSE|ERR_CONNECTION_/);
  },

  /** Names and contents that want to be more than text. */
  async hostile() {
    await alice();
    const evil = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
    const act = "fetch('/_fake/v1/clock/freeze',{method:'POST'});parent.hacked=1;window.hacked=1";
    const files = {
      '/<b onclick=alert(1)>\u202e"\'&amp;`${x}.txt': evil,
      '/page.html': `<!doctype html><script>${act}</script>${evil}`,
      '/image.svg': `<svg xmlns="http://www.w3.org/2000/svg" onload="${act}"><script>${act}</script><image href="/_fake/v1/clock"/></svg>`,
      '/fake.png': `"><script>${act}</script>`,
      '/__proto__': 'x', '/constructor': 'y', [`/${'long'.repeat(60)}.txt`]: 'z',
    };
    for (const [path, content] of Object.entries(files)) {
      const response = await fetch(`${url}/_fake/v1/files/content?account=alice&path=${encodeURIComponent(path)}`, { method: 'PUT', body: content });
      assert(response.ok, `${path}: ${await response.text()}`);
    }
    await api('files/get_metadata', { path: `/${evil}` });
    await api(`files/${encodeURIComponent(evil)}`, {});
    await control('POST', '/accounts', { name: evil });
    const page = await open('#/overview');
    page.on('dialog', () => said.push('a dialog'));
    for (const view of VIEWS) {
      await to(page, `#/${view}?account=alice`);
      await page.waitForFunction(() => !document.body.textContent.includes('Loading…'));
      await to(page, `#/${view}?account=${encodeURIComponent(evil)}&path=${encodeURIComponent(evil)}&find=${encodeURIComponent(evil)}`);
      await page.waitForFunction(() => !document.body.textContent.includes('Loading…'));
    }
    for (const path of Object.keys(files)) {
      await to(page, `#/files?account=alice&path=${encodeURIComponent(path)}`);
      await page.locator('.detail dd', { hasText: path }).waitFor();
      await page.locator('.detail').locator('pre.text, iframe').waitFor();
    }
    for (const entry of (await read('/journal')).entries) {
      await to(page, `#/requests?entry=${entry.sequence}`);
      await page.locator('.detail', { hasText: entry.route }).waitFor();
    }
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.equal(await page.locator('main img, main script').count(), 0);
    assert.equal((await read('/clock')).frozen, false);
    ok('text stays text');
    // What the frame of an image is kept from doing is told on the console, and wanted.
    expected(/404 \(Not Found\)/, /Blocked script execution in 'about:srcdoc'/, /400 \(Bad Request\)/);
  },

  /** Ten thousand requests. */
  async many() {
    await filledWith(Number(more));
    const page = await open('#/requests');
    await page.getByText(`${Number(more).toLocaleString('en')} requests`).waitFor();
    const rows = () => page.locator('.list-row').count();
    assert(await rows() < 100, `${await rows()} rows`);
    await page.locator('#requests').focus();
    await page.keyboard.press('End');
    await page.locator('.detail h2', { hasText: /^Request 1$/ }).waitFor();
    await page.locator('[role=option][aria-selected=true][aria-posinset]').waitFor();
    assert.equal(await page.locator('[aria-selected=true]').getAttribute('aria-posinset'), more);
    assert(await rows() < 100, `${await rows()} rows`);
    ok('the last');
    const top = await page.locator('#requests').evaluate(list => list.scrollTop);
    await api('files/get_metadata', { path: '/new-one' });
    await page.waitForFunction(top => document.getElementById('requests').scrollTop > top, top);
    await page.locator(`[aria-selected=true][aria-posinset="${Number(more) + 1}"]`).waitFor();
    ok('what is looked at stays');
    await page.getByLabel('Path').fill('/new-one');
    await page.getByText(/^1 of/).waitFor();
    ok('the filter');
  },

  /** Under another name, with the token. */
  async token() {
    const at = more;
    const page = await open('#/overview', { at });
    await page.getByLabel('Control token').fill('guess');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('The control token is not the one').waitFor();
    await judged(page, 'the question for the token');
    ok('a wrong token');
    await page.getByLabel('Control token').fill('open sesame');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('live', { exact: true }).waitFor();
    assert(!page.url().includes('sesame'));
    await page.reload();
    await page.getByText('live', { exact: true }).waitFor();
    ok('kept for the tab');
    const other = await open('#/overview', { context: page.context(), at });
    await other.getByLabel('Control token').waitFor();
    assert.equal(await other.getByText('live', { exact: true }).count(), 0);
    ok('and for no other');
    await page.bringToFront();
    await drop(page, 'a.txt', 'from elsewhere');
    await page.getByRole('dialog').getByRole('button', { name: 'Mint a link and upload' }).click();
    await page.getByRole('dialog').getByRole('link', { name: '/a.txt' }).click();
    await page.locator('pre.text', { hasText: 'from elsewhere' }).waitFor();
    await page.getByRole('link', { name: 'Links' }).click();
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    await page.locator('.toast.bad', { hasText: 'on the machine of the server' }).waitFor();
    ok('a link is shown on the machine itself only');
    expected(/403 \(Forbidden\)/);
  },

  /** The server is started anew while the page is open: it knows neither the secret nor the requests of before. */
  async restart() {
    const start = port => new Promise(done => {
      const server = spawn(more, ['serve', '--port', port, '--print-url'], { stdio: ['ignore', 'pipe', 'ignore'] });
      server.stdout.once('data', line => done([server, String(line).trim()]));
    });
    const stop = server => new Promise(done => { server.once('exit', done); server.kill(); });
    const [first, at] = await start('0');
    const page = await open('#/requests?path=here', { at });
    const ask = path => fetch(`${at}/${path}`, { method: 'POST' });
    await ask('here-before');
    await page.getByText('live', { exact: true }).waitFor();
    await stop(first);
    await page.getByText('coming back…').waitFor();
    ok('it is gone');
    const [second] = await start(new URL(at).port);
    try {
      await ask('here-after');
      await page.getByText('live', { exact: true }).waitFor();
      await page.getByLabel('Path').waitFor();
      assert.match(page.url(), /path=here/);
      await page.getByRole('button', { name: '+1 h' }).click();
      await toast(page, 'an hour ahead');
      assert.equal(await page.getByText('here-before').count(), 0);
    } finally {
      await stop(second);
    }
    ok('and back');
    expected(/ERR_CONNECTION_|ERR_INCOMPLETE_|ERR_EMPTY_/, /403 \(Forbidden\)/);
  },

  /** The picture of the README. */
  async picture() {
    await control('POST', '/clock/freeze', { at: '2026-01-15T23:07:00Z' });
    await filled();
    const page = await open('#/requests', { viewport: { width: 1280, height: 720 }, colorScheme: 'light', deviceScaleFactor: 1 });
    const refused = (await read('/journal?route=upload_link&status=410')).entries[0];
    await to(page, `#/requests?entry=${refused.sequence}`);
    await page.locator('.rule').first().waitFor();
    await page.getByText('live', { exact: true }).waitFor();
    await page.screenshot({ path: more });
    ok('the picture');
  },
};

/** What the scenario brings about on the console of the browser. */
function expected(...patterns) {
  const left = said.filter(text => !patterns.some(pattern => pattern.test(text)));
  said.splice(0, said.length, ...left);
}

async function drop(page, name, content) {
  await page.evaluate(([name, content]) => {
    const data = new DataTransfer();
    data.items.add(new File([content], name, { type: 'text/plain' }));
    for (const kind of ['dragover', 'drop']) document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
  }, [name, content]);
}

async function judged(page, what) {
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate(() => axe.run(document));
  assert(passes.length > 10, 'hardly anything was judged');
  const told = violations.map(one => `${one.id}: ${one.nodes.map(node => `${node.target} ${node.failureSummary}`).join('\n  ')}`);
  assert.equal(told.length, 0, `${what}: ${told.join('\n')}`);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert(overflow <= 0, `${what} is ${overflow} pixels too wide`);
}

/** An account with a bit of everything. */
async function filled() {
  await alice();
  const photo = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 6"><rect width="9" height="6" fill="teal"/></svg>';
  const link = await mint('/photos/cat.svg');
  await upload(link, photo);
  await upload(link, photo);
  const report = await mint('/in/report.txt');
  await upload(report, 'Hello.\n'.repeat(9));
  await upload(await mint('/in/report.txt'), 'another');
  await mint('/in/video.mp4');
  await api('files/get_metadata', { path: '/nowhere' });
  await api('files/get_temporary_upload_link', { path: '/wrong' });
  await control('POST', '/faults?account=alice', { match: { route: 'upload_link', path: '/in/**' }, phase: 'after_commit', action: 'reset' });
  await upload(await mint('/in/lost.txt'), 'stored').catch(() => {});
  await control('POST', '/faults?account=alice', { match: { route: 'upload_link', path: '/elsewhere' }, phase: 'head', action: { answer: 'unavailable' } });
  await control('POST', '/snapshots?account=alice', { name: 'before the test' });
}

async function filledWith(count) {
  const workers = Array.from({ length: 16 }, async (_, worker) => {
    for (let number = worker; number < count; number += 16) await api('files/get_metadata', { path: `/file-${number}` }, `token-${number % 20}`);
  });
  await Promise.all(workers);
}

/** Where a program is. */
function found(name) {
  const places = process.env.PATH.split(':').map(folder => `${folder}/${name}`);
  return [name, ...places].find(place => place.startsWith('/') && require('node:fs').existsSync(place));
}

(async () => {
  browser = await chromium.launch({
    executablePath: found(program),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--host-resolver-rules=MAP *.example 127.0.0.1'],
  });
  try {
    await scenarios[scenario]();
    assert.deepEqual(said, [], 'the console of the browser');
    ok('console');
  } finally {
    await browser.close();
  }
})().catch(error => {
  console.error(error.stack);
  process.exitCode = 1;
});
