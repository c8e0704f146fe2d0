// As much of a browser's DOMParser as the page asks of it, for documents of elements and text: what
// else there is in XML is an error here, so that no test believes what this does not know.

const entities = {lt: '<', gt: '>', amp: '&', quot: '"', apos: '\''};
const text_of = (raw) => raw.replace(/&([^;]*);?/g, (all, name) => {
  if (!(name in entities)) throw new Error(`no entity known here: ${all}`);
  return entities[name];
});

class Element {
  constructor(localName, namespaceURI) {
    Object.assign(this, {localName, namespaceURI, children: [], textContent: ''});
  }
}

/** The root of a document that is an optional declaration and then elements. */
function root_of(xml) {
  const pieces = xml.replace(/^<\?xml [^?]*\?>\s*/, '').split(/<([^<>]*)>/);
  const open = [new Element('', null)];
  for (const [index, piece] of pieces.entries()) {
    const [, end, name, namespace, attributes, empty] =
        /^(\/?)(\w+)(?:\s+xmlns="([^"]*)")?(.*?)(\/?)$/s.exec(piece) ?? [];
    if (index % 2 === 0) {
      for (const element of open) element.textContent += text_of(piece);
    } else if (name === undefined || attributes.trim() !== '') {
      throw new Error(`no XML known here: <${piece}>`);
    } else if (end) {
      if (open.pop().localName !== name) throw new Error(`</${name}> closes another element`);
    } else {
      const element = new Element(name, namespace ?? open.at(-1).namespaceURI);
      open.at(-1).children.push(element);
      if (!empty) open.push(element);
    }
  }
  const [document] = open;
  if (open.length !== 1 || document.children.length !== 1) throw new Error('no one root element');
  return document.children[0];
}

globalThis.DOMParser ??= class {
  parseFromString(text) {
    return {documentElement: root_of(text), doctype: null, getElementsByTagName: () => []};
  }
};
