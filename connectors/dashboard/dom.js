// Building the page: elements whose text is always text, and the few shapes it draws.

/** element('p', {class: 'event'}, 'text', child, ...); null children are left out. */
export function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== null) made.setAttribute(name, value);
  }
  made.append(...children.filter(child => child !== null));
  return made;
}

/** Puts `text` there unless it stands there: what does not change is not touched. */
export function put_text(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Makes `nodes` the children of `parent` in that order, without moving those that stand right. */
export function put_children(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) {
    if (!wanted.has(child)) child.remove();
  }
  nodes.forEach((node, i) => {
    if (parent.children[i] !== node) parent.insertBefore(node, parent.children[i] ?? null);
  });
}

const link_pattern = /https:\/\/[^\s<>"]+/gi;
const marks_after_a_link = '.,;:!?)]\'»”’';

// What ends a sentence is no part of the address. Letter by letter: a pattern anchored at the end
// would try every beginning, and a text of dots alone could hold up the page for minutes.
function without_marks(address) {
  let end = address.length;
  while (end > 0 && marks_after_a_link.includes(address[end - 1])) end--;
  return address.slice(0, end);
}

/** Text of an alert as nodes: only whole https addresses are made clickable. */
export function with_links(text) {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(link_pattern)) {
    const address = without_marks(match[0]);
    if (!is_plain_https(address)) continue;
    nodes.push(text.slice(at, match.index), link_to(address));
    at = match.index + address.length;
  }
  nodes.push(text.slice(at));
  return nodes;
}

export function is_plain_https(address) {
  try {
    const url = new URL(address);
    return url.protocol === 'https:' && url.username === '' && url.password === '';
  } catch {
    return false;
  }
}

export function link_to(address) {
  return element('a', {href: address, rel: 'noopener noreferrer', target: '_blank'}, address);
}

// The shape of each severity: told apart without colour and without reading.
const shapes = {
  Extreme: 'M8 1h8l7 7v8l-7 7H8l-7-7V8z M11 5v9h2V5z M11 16v3h2v-3z',
  Severe: 'M12 1l11 21H1z M11 8v7h2V8z M11 17v3h2v-3z',
  Moderate: 'M12 0l12 12-12 12L0 12z M11 5v9h2V5z M11 16v3h2v-3z',
  Minor: 'M12 1a11 11 0 100 22 11 11 0 000-22z M11 10v9h2v-9z M11 5v3h2V5z',
  Unknown: 'M1 1h22v22H1z M11 5v9h2V5z M11 16v3h2v-3z',
};

export function severity_shape(severity) {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  for (const [name, value] of [
           ['viewBox', '0 0 24 24'], ['aria-hidden', 'true'], ['class', 'shape']]) {
    svg.setAttribute(name, value);
  }
  const path = document.createElementNS(namespace, 'path');
  path.setAttribute('d', shapes[severity] ?? shapes.Unknown);
  path.setAttribute('fill', 'currentColor');
  path.setAttribute('fill-rule', 'evenodd');
  svg.append(path);
  return svg;
}
