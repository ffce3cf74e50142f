/** Which place of which document an address asks for. */

/** The id of the document: the last part of the path. */
export function documentId({ pathname }) {
  const last = pathname.slice(pathname.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/**
 * What `?start=…&end=…`, `?passage=…` and `&sha256=…` ask for. Several places may be given, each by a start and an end,
 * counted in code points of the document's text, of which `sha256` is the hash.
 */
export function askedPlace({ search }) {
  const asked = new URLSearchParams(search);
  const [starts, ends] = [asked.getAll("start"), asked.getAll("end")];
  const spans = starts.map((start, at) => ({ start: offset(start), end: offset(ends[at]) }));
  return { passage: asked.get("passage"), sha256: asked.get("sha256"), spans, whole: starts.length === ends.length };
}

function offset(words) {
  return /^\d{1,15}$/.test(words ?? "") ? Number(words) : NaN;
}

/** What is wrong with the places asked for in a text of so many code points, in words; null if nothing is. */
export function fault({ spans, whole }, length) {
  if (!whole || spans.some(({ start, end }) => !(start < end))) {
    return "This address names no place: it needs a start and an end, two numbers, the first of which is the smaller.";
  }
  if (spans.some(({ end }) => end > length)) {
    return `This address names a place beyond the end of the document, which has ${length.toLocaleString("en")} characters.`;
  }
  return null;
}
