/** How the values of a metric read. Free of schemas, so that a list of metrics loads no schema library. */
import type { WidgetFormat } from './widgets/base'

/** Names of what nobody wants more of. */
export const TROUBLE =
  /(error|fail|crash|timeout|refund|churn|bounce|cancel|incident|latency|duration|response_time|reply|wait|queue)/i
/** A map and not an object: units come from programs, and one of them is called `toString` some day. */
const CURRENCIES = new Map([
  ['€', 'EUR'],
  ['$', 'USD'],
  ['£', 'GBP'],
  ['¥', 'JPY'],
])

/** How values read, from the unit that the metric was given, else from its name. */
export function guessFormat(metric: { name: string; unit: string | null }): WidgetFormat {
  const unit = (metric.unit ?? '').trim()
  const lowerIsBetter = TROUBLE.test(metric.name)
  const currency =
    CURRENCIES.get(unit) ??
    (/^(EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK|CAD|AUD|INR|BRL)$/i.test(unit) ? unit.toUpperCase() : null)
  if (currency) return { unit: 'currency', currency, lowerIsBetter }
  if (unit === '%' || /^percent$/i.test(unit) || (unit === '' && /(_|\b)(percent|pct)$/i.test(metric.name)))
    return { unit: 'percent', lowerIsBetter }
  if (/^(ms|milliseconds?)$/i.test(unit) || (unit === '' && /_ms$/i.test(metric.name)))
    return { unit: 'duration_ms', lowerIsBetter }
  if (/^(s|sec|seconds?)$/i.test(unit) || (unit === '' && /_seconds$/i.test(metric.name)))
    return { unit: 'duration_s', lowerIsBetter }
  if (/^(b|bytes?)$/i.test(unit) || (unit === '' && /_bytes$/i.test(metric.name)))
    return { unit: 'bytes', lowerIsBetter }
  if (unit !== '' && unit.length <= 12) return { unit: 'custom', suffix: unit, lowerIsBetter }
  return { unit: 'none', lowerIsBetter }
}
