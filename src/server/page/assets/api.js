// Calls of the controls, the same that every test uses.

const meta = name => document.querySelector(`meta[name="${name}"]`)?.content ?? '';
const secret = meta('fake-dropbox-secret');
const KEPT = 'fake-dropbox-control-token';

export const version = meta('fake-dropbox-version');

/** Where the page is: everything else is beside it, whatever a proxy puts in front. */
const here = new URL('.', location.href.split('#')[0]);
export const control = path => new URL(`v1${path}`, here).href;
export const asset = name => new URL(`page/${name}`, here).href;
/** The origin of the fake, with what a proxy puts in front. */
export const root = new URL('..', here).href.replace(/\/$/, '');

/** What shows the controls who we are; nothing where the token has to be asked for first. */
export function credentials() {
  const token = sessionStorage.getItem(KEPT);
  if (secret) return { 'X-Fake-Dropbox-Page': secret };
  return token ? { 'X-Fake-Dropbox-Control-Token': token } : undefined;
}

/** The token stays in this tab, and never goes into an address. */
export const keepToken = token => sessionStorage.setItem(KEPT, token);
export const forgetToken = () => sessionStorage.removeItem(KEPT);
export const hasSecret = secret !== '';

export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? `The server answered ${status}.`);
    this.status = status;
    this.title = problem?.title;
  }
}

/** Calls an operation; what it answers. */
export async function call(method, path, { account, query = {}, body, raw = false, content } = {}) {
  const url = new URL(control(path));
  if (account) url.searchParams.set('account', account);
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') url.searchParams.set(name, value);
  const request = { method, headers: { ...credentials() } };
  if (body !== undefined) {
    request.headers['Content-Type'] = 'application/json';
    request.body = JSON.stringify(body);
  } else if (content !== undefined) request.body = content;
  let response;
  try {
    response = await fetch(url, request);
  } catch {
    throw new Error('The server does not answer.');
  }
  if (!response.ok) {
    const problem = await response.json().catch(() => undefined);
    throw new Refused(response.status, problem);
  }
  return raw ? response : response.json();
}

export const get = (path, options) => call('GET', path, options);
export const post = (path, body = {}, options = {}) => call('POST', path, { ...options, body });
export const remove = (path, query, options = {}) => call('DELETE', path, { ...options, query });
