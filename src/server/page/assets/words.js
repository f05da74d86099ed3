// Numbers, times and commands as people read them.

export function size(bytes) {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let number = bytes;
  let unit = 0;
  while (number >= 1024 && unit < units.length - 1) [number, unit] = [number / 1024, unit + 1];
  if (unit === 0) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  return `${number.toFixed(number < 10 ? 1 : 0)} ${units[unit]}`;
}

export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

/** A moment without its fraction, in UTC as everything here is. */
export function moment(text) {
  return text.replace('T', ' ').replace(/\.\d+/, '').replace('Z', ' UTC');
}

/** The time of day, to the millisecond. */
export function timeOfDay(text) {
  const [, time, fraction = ''] = /T(\d\d:\d\d:\d\d)(\.\d+)?/.exec(text) ?? [, text];
  return `${time}.${fraction.slice(1, 4).padEnd(3, '0')}`;
}

export function span(seconds) {
  const whole = Math.ceil(seconds);
  const two = number => String(number).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export function took(microseconds) {
  return microseconds < 1000 ? `${microseconds} µs` : microseconds < 1e6 ? `${(microseconds / 1000).toFixed(1)} ms` : `${(microseconds / 1e6).toFixed(2)} s`;
}

/** A text as the shell takes it for one word. */
export function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export const statusSign = status => status === null ? '✕' : status < 300 ? '✓' : status < 400 ? '→' : '!';
export const statusKind = status => status === null ? 'bad' : status < 300 ? 'good' : status < 500 ? 'warn' : 'bad';

const OUTCOMES = {
  client_left: 'The client went away before it had its answer.',
  aborted: 'The connection ended early: a fault ended it, or cut the answer off.',
  server_stopped: 'The server stopped before the answer was sent.',
};
export const outcome = entry => OUTCOMES[entry.outcome];

export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
