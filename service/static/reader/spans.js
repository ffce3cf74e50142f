/** Stretches of a text, half-open, counted in code points. Lists of them ascend and do not overlap. */

/** How many of some ascending numbers are below another. */
export function countBelow(numbers, limit, valueOf = (each) => each) {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueOf(numbers[middle]) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Those of some spans that share anything with `[start, end)`. */
export function touching(spans, start, end) {
  const first = countBelow(spans, start + 1, (span) => span.end);
  const last = countBelow(spans, end, (span) => span.start);
  return spans.slice(first, last);
}

/** `[start, end)` cut at the edges of some spans: each part as `{ start, end, span }`, `span` null between them. */
export function parts(start, end, spans) {
  const found = [];
  let position = start;
  for (const span of touching(spans, start, end)) {
    if (position < span.start) found.push({ start: position, end: span.start, span: null });
    position = Math.max(position, span.start);
    const stop = Math.min(end, span.end);
    if (position < stop) found.push({ start: position, end: stop, span });
    position = Math.max(position, stop);
  }
  if (position < end) found.push({ start: position, end, span: null });
  return found;
}

/** Spans in their order, those that overlap made one. */
export function merged(spans) {
  const found = [];
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    const last = found.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else found.push({ start, end });
  }
  return found;
}
