import { countBelow } from "./spans.js";

/**
 * From offsets that count code points, as those of the API do, to offsets in UTF-16 units, as those of strings do.
 *
 *     const unit = unitsOf("𝒜bc");
 *     unit(1) === 2
 */
export function unitsOf(text) {
  const astral = []; // The code points that take two units, by their offsets.
  for (const { index } of text.matchAll(/[\u{10000}-\u{10FFFF}]/gu)) astral.push(index - astral.length);
  return (point) => point + countBelow(astral, point);
}
