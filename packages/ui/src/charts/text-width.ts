/**
 * Advance widths of Inter at weight 500, in thousandths of the size, for U+0020 to U+007E. Measuring by table and not by
 * the DOM gives the browser and the picture worker, which has no fonts, the same layout to the pixel.
 */
const WIDTHS = [
  267, 304, 494, 639, 646, 993, 653, 313, 369, 369, 521, 667, 303, 462, 303, 370, 646, 415, 616, 627, 656, 603, 630,
  571, 629, 630, 303, 315, 667, 667, 667, 527, 982, 709, 657, 733, 722, 603, 589, 748, 745, 272, 575, 688, 565, 913,
  756, 767, 642, 769, 648, 646, 653, 740, 709, 1003, 701, 696, 641, 369, 370, 369, 477, 463, 337, 568, 618, 577, 618,
  587, 379, 620, 602, 252, 252, 559, 252, 888, 602, 604, 618, 618, 387, 539, 340, 602, 575, 829, 557, 575, 559, 440,
  346, 440, 667,
]
const DIGIT = 646
const WIDE = 1000

function charWidth(char: string): number {
  const code = char.codePointAt(0) ?? 0
  // Figures are tabular in the browser: every digit takes the room of the widest common one.
  if (code >= 48 && code <= 57) return DIGIT
  if (code === 0xa0) return 267
  const known = WIDTHS[code - 32]
  if (known !== undefined) return known
  // CJK, kana, hangul, emoji fill a square; other scripts run a little wider than Latin on average.
  return code >= 0x2e80 ? WIDE : 640
}

/** Width of a text in CSS pixels at a font size. Exact for Latin, an estimate from above for the rest. */
export function textWidth(text: string, fontSize: number): number {
  let sum = 0
  for (const char of text) sum += charWidth(char)
  return (sum / 1000) * fontSize
}

/** Cuts a text to a width with an ellipsis. */
export function fitText(text: string, fontSize: number, widthMax: number): string {
  if (textWidth(text, fontSize) <= widthMax) return text
  const chars = [...text]
  while (chars.length > 1 && textWidth(`${chars.join('')}…`, fontSize) > widthMax) chars.pop()
  return `${chars.join('').trimEnd()}…`
}
