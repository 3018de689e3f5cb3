import { textWidth } from './text-width'
import type { PreparedNumber } from './types'

export interface NumberLayout {
  fontSize: number
  /** Beside the number, under everything, or not at all. */
  spark: { place: 'side' | 'below' | 'none'; width: number; height: number }
}

const HERO = 28
const HERO_SMALL = 24
const HERO_MAX = 84
const SPARK_WIDTH = 96
const SPARK_HEIGHT = 32
const CHIP_HEIGHT = 24

/** Sizes of a number tile. The number is the hero: it grows with the tile, and the sparkline yields before it shrinks. */
export function layoutNumber(prepared: PreparedNumber, width: number, height: number): NumberLayout {
  const base = width < 180 ? HERO_SMALL : HERO
  const byHeight = height > 110 ? Math.min(HERO_MAX, height * 0.36) : base
  // Semibold figures run two per cent wider than the measured weight.
  const perPixel = textWidth(prepared.valueText, 1) * 1.02
  const fontSize = Math.max(16, Math.floor(Math.min(Math.max(base, byHeight), (width - 4) / Math.max(perPixel, 0.1))))
  const hasShape = prepared.spark.filter((value) => value !== null).length > 1
  const free = width - perPixel * fontSize - 16
  const below = height - fontSize * 1.2 - CHIP_HEIGHT - 8
  if (hasShape && below >= 24) return { fontSize, spark: { place: 'below', width, height: Math.min(120, below) } }
  if (hasShape && free >= 56)
    return { fontSize, spark: { place: 'side', width: Math.min(SPARK_WIDTH, Math.floor(free)), height: SPARK_HEIGHT } }
  return { fontSize, spark: { place: 'none', width: 0, height: 0 } }
}
