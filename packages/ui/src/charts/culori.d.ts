/** The few functions of culori that the palette test uses; the package ships no types. */
declare module 'culori' {
  export interface Color {
    mode: string
    r: number
    g: number
    b: number
  }
  export function parse(text: string): Color | undefined
  export function converter(mode: 'rgb' | 'lrgb'): (color: Color) => Color
  export function differenceCiede2000(): (a: Color, b: Color) => number
  export function filterDeficiencyDeuter(severity: number): (color: Color) => Color
  export function filterDeficiencyProt(severity: number): (color: Color) => Color
  export function filterDeficiencyTrit(severity: number): (color: Color) => Color
  export function wcagContrast(a: string | Color, b: string | Color): number
}
