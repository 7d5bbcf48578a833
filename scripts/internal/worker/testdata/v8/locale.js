// Writes ../../locale.json: how the locales that scripts may name write numbers and dates, as far
// as Node says; and ../../zones.txt, what time zones are called.
//
//   node scripts/internal/worker/testdata/v8/locale.js
'use strict';
const fs = require('fs');
const path = require('path');

if (!process.version.startsWith('v20.')) throw new Error(`Node 20 is needed, this is ${process.version}`);

const locales = ['en-US', 'en-GB', 'en-CA', 'en-AU', 'de-DE', 'es-ES', 'fr-FR', 'it-IT', 'nl-NL', 'pl-PL', 'pt-BR', 'ru-RU', 'sv-SE'];
const currencies = ['USD', 'EUR', 'GBP', 'JPY', 'CNY', 'INR', 'BRL', 'CAD', 'AUD', 'CHF', 'SEK', 'NOK', 'DKK', 'PLN', 'CZK', 'HUF', 'RUB', 'UAH', 'TRY', 'MXN', 'KRW', 'ILS', 'NZD', 'SGD', 'HKD', 'ZAR', 'THB', 'ARS', 'CLP', 'COP', 'IDR', 'PHP', 'VND', 'SAR', 'AED', 'EGP', 'NGN', 'RON', 'BGN', 'TWD', 'MYR', 'PKR'];
const units = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year', 'millisecond', 'bit', 'byte', 'kilobit', 'kilobyte', 'megabit', 'megabyte', 'gigabit', 'gigabyte', 'terabit', 'terabyte', 'petabyte', 'percent', 'celsius', 'fahrenheit', 'degree', 'meter', 'centimeter', 'millimeter', 'kilometer', 'inch', 'foot', 'yard', 'mile', 'gram', 'kilogram', 'ounce', 'pound', 'stone', 'liter', 'milliliter', 'gallon', 'fluid-ounce', 'acre', 'hectare', 'kilometer-per-hour', 'mile-per-hour', 'meter-per-second', 'megabyte-per-second', 'byte-per-second', 'kilobyte-per-second', 'liter-per-kilometer', 'mile-per-gallon'];

// 3 February 2026, a Tuesday, 04:05:06 and 16:05:06.
const morning = Date.UTC(2026, 1, 3, 4, 5, 6);
const evening = Date.UTC(2026, 1, 3, 16, 5, 6);
const range = (n) => Array.from({ length: n }, (_, i) => i);
const of = (parts, type) => parts.filter((p) => p.type === type).map((p) => p.value)[0];

function names(locale) {
  const month = (options) => range(12).map((m) => of(new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).formatToParts(Date.UTC(2026, m, 3)), 'month'));
  const weekday = (options) => range(7).map((d) => of(new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).formatToParts(Date.UTC(2026, 1, 1 + d)), 'weekday'));
  return {
    MMMM: month({ month: 'long', day: 'numeric' }), LLLL: month({ month: 'long' }), MMM: month({ month: 'short', day: 'numeric' }), LLL: month({ month: 'short' }),
    EEEE: weekday({ weekday: 'long', month: 'long', day: 'numeric' }), cccc: weekday({ weekday: 'long' }),
    E: weekday({ weekday: 'short', month: 'short', day: 'numeric' }), c: weekday({ weekday: 'short' }),
    a: [morning, evening].map((t) => of(new Intl.DateTimeFormat(locale, { hour: 'numeric', hour12: true, timeZone: 'UTC' }).formatToParts(t), 'dayPeriod')),
  };
}

// pattern turns what a format makes of a date into tokens in braces.
function pattern(locale, known, options) {
  const format = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
  const late = of(format.formatToParts(evening), 'hour');
  return format.formatToParts(morning).map(({ type, value }) => {
    const token = () => {
      const named = (list, at) => list.find((name) => known[name][at] === value);
      switch (type) {
        case 'literal': return value;
        case 'weekday': return `{${named(['EEEE', 'cccc', 'E', 'c'], 2) || fail()}}`;
        case 'month': return value === '2' ? '{M}' : value === '02' ? '{MM}' : `{${named(['MMMM', 'LLLL', 'MMM', 'LLL'], 1) || fail()}}`;
        case 'day': return value === '3' ? '{d}' : value === '03' ? '{dd}' : fail();
        case 'year': return value === '2026' ? '{y}' : value === '26' ? '{yy}' : fail();
        case 'hour': return '{' + (late.startsWith('16') ? 'H' : 'h').repeat(value.startsWith('04') ? 2 : 1) + '}' + (value.length > 2 ? value.slice(value.startsWith('0') ? 2 : 1) : '');
        case 'minute': return value === '05' ? '{mm}' : value === '5' ? '{m}' : fail();
        case 'second': return value === '06' ? '{ss}' : value === '6' ? '{s}' : fail();
        case 'fractionalSecond': return '{S}';
        case 'dayPeriod': return '{a}';
        case 'timeZoneName': return '{z}';
      }
      return fail();
    };
    function fail() { throw new Error(`${locale} ${JSON.stringify(options)}: ${type} ${value}`); }
    return token();
  }).join('');
}

function dates(locale) {
  const known = names(locale);
  const make = (options) => pattern(locale, known, options);
  const defined = (options) => Object.fromEntries(Object.entries(options).filter(([, v]) => v));
  const date = [];
  for (const weekday of ['', 'short', 'long']) {
    for (const year of ['', 'numeric', '2-digit']) {
      for (const month of ['', 'numeric', '2-digit', 'short', 'long']) {
        for (const day of ['', 'numeric', '2-digit']) {
          const options = defined({ weekday, year, month, day });
          date.push(Object.keys(options).length ? make(options) : '');
        }
      }
    }
  }
  const time = [];
  const zonedTime = []; // in some languages the hour has other digits then
  const longZonedTime = []; // and a long name stands in parentheses
  for (const hour12 of [true, false]) {
    for (const hour of ['', 'numeric', '2-digit']) {
      for (const minute of ['', 'numeric', '2-digit']) {
        for (const second of ['', 'numeric', '2-digit']) {
          const options = defined({ hour, minute, second });
          time.push(Object.keys(options).length ? make({ ...options, hour12 }) : '');
          zonedTime.push(Object.keys(options).length ? make({ ...options, hour12, timeZoneName: 'short' }) : '');
          longZonedTime.push(Object.keys(options).length ? make({ ...options, hour12, timeZoneName: 'long' }) : '');
        }
      }
    }
  }
  const styles = ['full', 'long', 'medium', 'short'];
  const between = (whole, before, after) => {
    if (!whole.startsWith(before) || !whole.endsWith(after)) throw new Error(`${locale}: ${whole} is not ${before} and ${after}`);
    return whole.slice(before.length, whole.length - after.length);
  };
  const clock = { hour: '2-digit', minute: '2-digit' };
  const glue = (options) => between(make({ ...options, ...clock }), make(options).replace('{c}', '{E}'), make(clock));
  const seconds = make({ minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });
  return {
    names: known, date, time, zonedTime,
    longZonedTime: longZonedTime.join() === zonedTime.join() ? undefined : longZonedTime,
    dateStyles: styles.map((dateStyle) => make({ dateStyle })),
    timeStyles: [true, false].flatMap((hour12) => styles.map((timeStyle) => make({ timeStyle, hour12 }))),
    styleGlue: styles.map((dateStyle) => between(make({ dateStyle, timeStyle: 'short' }), make({ dateStyle }), make({ timeStyle: 'short' }))),
    // By the month: numeric, short, long, long with a weekday, none.
    glue: [{ year: 'numeric', month: 'numeric', day: 'numeric' }, { year: 'numeric', month: 'short', day: 'numeric' }, { year: 'numeric', month: 'long', day: 'numeric' },
      { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }, { weekday: 'short' }].map(glue),
    dateZone: between(make({ year: 'numeric', month: 'numeric', day: 'numeric', timeZoneName: 'short' }), make({ year: 'numeric', month: 'numeric', day: 'numeric' }), '{z}'),
    fraction: seconds.slice(seconds.indexOf('{ss}') + 4, seconds.indexOf('{S}')),
    hour12: /h/.test(make({ hour: 'numeric' }).replace(/\}.*/, '')),
  };
}

function numbers(locale) {
  const parts = (options, n) => new Intl.NumberFormat(locale, options).formatToParts(n);
  const join = (list) => list.map(({ type, value }) => (({ integer: '0', group: '', decimal: '', fraction: '', minusSign: '-', plusSign: '+', percentSign: value, literal: value, currency: '¤', compact: value, unit: value })[type])).join('').replace(/0+/, '0');
  const all = parts({ minimumFractionDigits: 1 }, -123456.5);
  const currency = {};
  for (const code of currencies) {
    const symbol = (currencyDisplay) => of(parts({ style: 'currency', currency: code, currencyDisplay }, 1), 'currency');
    const name = (n) => parts({ style: 'currency', currency: code, currencyDisplay: 'name' }, n).filter((p) => p.type === 'currency').map((p) => p.value).join('');
    const digits = new Intl.NumberFormat(locale, { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits;
    currency[code] = [symbol('symbol'), symbol('narrowSymbol'), digits].concat(locale.startsWith('en') ? [name(1), name(2)] : []);
  }
  const data = {
    decimal: of(all, 'decimal'), group: of(all, 'group'), minus: of(all, 'minusSign'),
    // How many digits there must be in front of the last three for a separator.
    minimumGrouping: of(parts({}, 1234), 'group') ? 1 : 2,
    percent: join(parts({ style: 'percent' }, 0.5)),
    currencyPattern: join(parts({ style: 'currency', currency: 'USD' }, 1)),
    currencyNegative: join(parts({ style: 'currency', currency: 'USD' }, -1)),
    currencyAccounting: join(parts({ style: 'currency', currency: 'USD', currencySign: 'accounting' }, -1)),
    currencyCode: join(parts({ style: 'currency', currency: 'USD', currencyDisplay: 'code' }, 1)),
    currency,
  };
  if (locale.startsWith('en')) {
    data.compact = {};
    for (const compactDisplay of ['short', 'long']) data.compact[compactDisplay] = range(12).map((i) => new Intl.NumberFormat(locale, { notation: 'compact', compactDisplay }).format(10 ** (i + 3)).replace(/^\d+/, (n) => '0'.repeat(n.length)));
    data.units = {};
    for (const unit of units) {
      data.units[unit] = ['short', 'long', 'narrow'].map((unitDisplay) => [1, 2].map((n) => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay }).format(n).replace(/\d/, '0')));
    }
  }
  return data;
}

const data = {};
for (const locale of locales) data[locale] = { dates: dates(locale), numbers: numbers(locale) };
const lines = Object.entries(data).map(([locale, value]) => JSON.stringify(locale) + ':' + JSON.stringify(value));
fs.writeFileSync(path.join(__dirname, '../../locale.json'), '{\n' + lines.join(',\n') + '\n}\n');

// The locales, how each begins a distance from Greenwich, and its minus sign; then one line for all zones
// that are called the same everywhere: in each locale the name and short name of the standard time and of
// the summer time, and at the end the zones. What a zone has no name for is shown as its distance, and
// is empty here; = is what it is in the first locale.
const nameOf = (locale, timeZone, timeZoneName, at) => of(new Intl.DateTimeFormat(locale, { timeZone, timeZoneName }).formatToParts(at), 'timeZoneName');
const west = locales.map((locale) => nameOf(locale, 'Etc/GMT+3', 'shortOffset', 0).match(/^(\D+)(\D)3$/));
const groups = new Map();
for (const zone of [...Intl.supportedValuesOf('timeZone'), 'Etc/UTC'].sort()) {
  const offset = (at) => nameOf('en-US', zone, 'longOffset', at).replace('GMT', '').replace(':', '');
  const times = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)].sort((a, b) => offset(a) - offset(b));
  const named = locales.map((locale, i) => times.flatMap((at) => ['long', 'short'].map((style) => {
    const name = nameOf(locale, zone, style, at);
    return name.startsWith(west[i][1]) && /^[+\-\u2212]\d/.test(name.slice(west[i][1].length)) ? '' : name;
  })));
  if (named.flat().every((text) => text === '')) continue;
  const key = named.map((names, i) => names.map((name, n) => (i > 0 && name !== '' && name === named[0][n] ? '=' : name)).join('|')).join('|');
  if (!groups.has(key)) groups.set(key, []);
  groups.get(key).push(zone);
}

// Other names of the same zones, as this machine knows them: OTHER=NAME.
const others = [];
const search = (folder) => {
  for (const entry of fs.readdirSync(path.join('/usr/share/zoneinfo', folder), { withFileTypes: true })) {
    const name = path.posix.join(folder, entry.name);
    if (/^(posix|right)/.test(name)) continue;
    if (entry.isDirectory()) { search(name); continue; }
    try {
      const { timeZone } = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions();
      if (timeZone !== name) others.push(name + '=' + timeZone);
    } catch { /* no zone of V8's */ }
  }
};
search('');
fs.writeFileSync(path.join(__dirname, '../../zones.txt'), [locales, west.map((m) => m[1]), west.map((m) => m[2])].map((list) => list.join('|') + '\n').join('') + [...groups].map(([key, zones]) => key + '|' + zones.join(' ')).join('\n') + '\n' + others.sort().join(' ') + '\n');
