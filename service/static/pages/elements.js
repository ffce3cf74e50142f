/** Building elements. Strings always become text nodes, whatever they hold. */

export function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("aria-") || key === "role") node.setAttribute(key, value);
    else node[key] = value;
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** Words of the source within a line of the page's own, which their direction must not turn round. */
export function isolated(text) {
  return element("bdi", {}, text);
}

/** A link that leaves the page, or a plain span where the address is not one of the web. */
export function outbound(address, properties, ...children) {
  const href = webAddress(address);
  if (!href) return element("span", properties, ...children);
  return element("a", { ...properties, href, rel: "noopener noreferrer" }, ...children);
}

export function webAddress(address) {
  try {
    const url = new URL(address);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A count and its noun: "1 passage", "1,204 passages". */
export function plural(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
