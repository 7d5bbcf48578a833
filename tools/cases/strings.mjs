// The strings that scripts find as s: a few functions of underscore.string, of which Rocket.Chat's
// pad fills on the right unless it is told otherwise.
export function strings(all) {
  const names = ['truncate', 'trim', 'ltrim', 'rtrim', 'capitalize', 'stripTags', 'strLeft', 'strRight', 'strRightBack', 'numberFormat', 'lrpad'];
  const s = Object.fromEntries(names.map((name) => [name, all[name]]));
  s.pad = (text, length, fill, side = 'right') => all.pad(text, length, fill, side);
  return s;
}
