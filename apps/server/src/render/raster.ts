import { createRequire } from 'node:module'
import { Resvg } from '@resvg/resvg-js'

const require = createRequire(import.meta.url)

/** TrueType only: resvg draws no text at all from WOFF, and does not say so. */
const FONT_FILES = ['400Regular/Inter_400Regular', '500Medium/Inter_500Medium', '600SemiBold/Inter_600SemiBold'].map(
  (name) => require.resolve(`@expo-google-fonts/inter/${name}.ttf`),
)

/** Rasters an SVG over an opaque background: a transparent chart would be unreadable in a mail client's dark mode. */
export function rasterize(svg: string, scale: number, background: string): Uint8Array<ArrayBuffer> {
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: scale },
    background,
    font: { fontFiles: FONT_FILES, loadSystemFonts: false, defaultFontFamily: 'Inter' },
  }).render()
  // Copied out of native memory, so that it can be transferred to the main thread.
  return new Uint8Array(image.asPng())
}
