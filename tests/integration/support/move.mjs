// Takes somebody else's alert to London: every polygon and circle keeps its shape and is drawn
// smaller, around the middle of the city; references are made the sender's own; and what was for a
// few becomes Public, since nobody can sign in to read it.

const MIDDLE = { latitude: 51.5, longitude: -0.12 };
const SPAN_DEGREES = 0.1;
const RADIUS_KM_MAX = 4;

const pairs = (text) => text.trim().split(/\s+/).map((pair) => pair.split(',').map(Number));

/** The middle and the width of all the shapes together. */
function extent(points) {
  const [latitudes, longitudes] = [0, 1].map((axis) => points.map((point) => point[axis]));
  const span = (values) => Math.max(...values) - Math.min(...values);
  const middle = (values) => (Math.max(...values) + Math.min(...values)) / 2;
  return { latitude: middle(latitudes), longitude: middle(longitudes),
           span: Math.max(span(latitudes), span(longitudes)) };
}

const ELEMENT = (name) => new RegExp(`(<(?:[\\w.-]+:)?${name}(?:\\s[^>]*)?>)([^<]*)(</)`, 'g');
const contents = (xml, name) => [...xml.matchAll(ELEMENT(name))].map((found) => found[2]);

const is_cancel = (xml) => contents(xml, 'msgType')[0] === 'Cancel';

export const has_shape = (xml) => contents(xml, 'polygon').length +
  contents(xml, 'circle').length > 0;

/** `named`: the references of a Cancel, so that it cancels something. */
export function moved(xml, sender, named) {
  const centre = (text) => pairs(text)[0];
  const points = [...contents(xml, 'polygon').flatMap(pairs),
    ...contents(xml, 'circle').map(centre)];
  const { latitude, longitude, span } = extent(points);
  const scale = span > SPAN_DEGREES ? SPAN_DEGREES / span : 1;
  const place = ([lat, lon]) => [MIDDLE.latitude + (lat - latitude) * scale,
                                 MIDDLE.longitude + (lon - longitude) * scale]
    .map((value) => String(Number(value.toFixed(9)))).join(',');
  return xml
    .replace(ELEMENT('polygon'), (_, open, text, close) =>
      open + pairs(text).map(place).join(' ') + close)
    .replace(ELEMENT('circle'), (_, open, text, close) => {
      const [middle, [radius_km]] = pairs(text);
      return `${open}${place(middle)} ${Math.min(radius_km, RADIUS_KM_MAX)}${close}`;
    })
    .replace(ELEMENT('references'), (_, open, text, close) => open + (is_cancel(xml) ? named
      : text.trim().split(/\s+/).map((each) => [sender,
        ...each.split(',').slice(1)].join(',')).join(' ')) + close)
    .replace(ELEMENT('scope'), (_, open, text, close) => `${open}Public${close}`)
    .replace(/\s*<(?:[\w.-]+:)?restriction[\s>][^<]*<\/[^>]*>/g, '');
}
