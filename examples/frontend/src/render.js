// Making elements, and bringing what is shown in line with what should be: elements that stay are the same ones, so focus,
// typing and a half-done click survive whatever arrives meanwhile. Text is only ever text: nothing here parses HTML.

const HANDLERS = ["onclick", "onsubmit", "oninput", "onchange", "onkeydown"];
const THE_READERS_OWN = { DETAILS: "open" };

export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) {
      element[name] = value;
    } else if (name === "value" && tag !== "option" && tag !== "meter") {
      element.controlled = value;
    } else if (name === "key") {
      element.dataset.key = value;
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...present(children));
  settle(element);
  return element;
}

// What is absent leaves a comment, so that its siblings keep their positions.
function present(children) {
  const absent = (child) => child === null || child === undefined || child === false || child === "";
  return children.flat().map((child) => (absent(child) ? document.createComment("") : child));
}

// Has `place` show `children`. Whoever had the focus keeps it; if their element is gone, it goes to the last `[data-refuge]`.
export function show(place, ...children) {
  const focused = document.activeElement;
  const fresh = place.cloneNode(false);
  fresh.append(...present(children));
  alignChildren(place, fresh);
  if (focused !== document.activeElement && focused !== document.body) {
    (focused.isConnected ? focused : [...place.querySelectorAll("[data-refuge]")].at(-1))?.focus({
      preventScroll: true,
    });
  }
}

function settle(element) {
  if (element.controlled !== undefined && element.value !== element.controlled) {
    element.value = element.controlled;
  }
}

function align(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) {
      old.data = fresh.data;
    }
    return;
  }
  const left = THE_READERS_OWN[old.tagName];
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== left) {
      old.removeAttribute(name);
    }
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) {
      old.setAttribute(name, value);
    }
  }
  for (const name of HANDLERS) {
    old[name] = fresh[name];
  }
  alignChildren(old, fresh);
  old.controlled = fresh.controlled;
  settle(old);
}

function alignChildren(old, fresh) {
  const wantedKeys = new Set([...fresh.children].map(keyOf).filter(Boolean));
  const keyed = new Map();
  for (const child of [...old.children].filter(keyOf)) {
    if (wantedKeys.has(keyOf(child))) {
      keyed.set(keyOf(child), child);
    } else {
      child.remove();
    }
  }
  let at = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const found = keyOf(wanted) ? keyed.get(keyOf(wanted)) : at;
    if (found && alike(found, wanted)) {
      if (found === at) {
        at = at.nextSibling;
      } else {
        old.insertBefore(found, at);
      }
      align(found, wanted);
    } else if (found && found === at && !keyOf(at)) {
      at = at.nextSibling;
      found.replaceWith(wanted);
    } else {
      old.insertBefore(wanted, at);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

const keyOf = (node) => node.dataset?.key;
const alike = (one, other) => one.nodeName === other.nodeName && keyOf(one) === keyOf(other);
