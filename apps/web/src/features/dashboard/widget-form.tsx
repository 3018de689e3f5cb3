import { useQuery } from '@tanstack/react-query'
import {
  AGGREGATION_LABELS,
  type Aggregation,
  groupTags,
  KIND_RULES,
  type Metric,
  offeredAggregations,
  WIDGET_TYPES,
  type Widget,
  type WidgetFormat,
  type WidgetType,
} from '@trackable/api/client'
import { Combobox } from '@trackable/ui/combobox'
import { Field, FieldSet } from '@trackable/ui/field'
import { Input } from '@trackable/ui/input'
import { SegmentedControl } from '@trackable/ui/segmented-control'
import { Select } from '@trackable/ui/select'
import { Switch } from '@trackable/ui/switch'
import { ChartColumn, ChartLine, Hash, Table2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTRPC } from '../../trpc'
import { FilterFields } from './filter-fields'

const ICONS: Record<WidgetType, ReactNode> = {
  number: <Hash aria-hidden />,
  line: <ChartLine aria-hidden />,
  bar: <ChartColumn aria-hidden />,
  table: <Table2 aria-hidden />,
}

const UNITS: { value: WidgetFormat['unit']; label: string }[] = [
  { value: 'none', label: 'Plain number' },
  { value: 'currency', label: 'Currency' },
  { value: 'percent', label: 'Percent' },
  { value: 'duration_s', label: 'Duration, pushed in seconds' },
  { value: 'duration_ms', label: 'Duration, pushed in milliseconds' },
  { value: 'bytes', label: 'Bytes' },
  { value: 'custom', label: 'Own unit' },
]

export interface WidgetFormProps {
  productId: string
  widget: Widget
  metrics: readonly Metric[]
  titleError: string | undefined
  onChange: (widget: Widget) => void
}

/** The settings of a widget. Every change shows in the preview beside it at once. */
export function WidgetForm({ productId, widget, metrics, titleError, onChange }: WidgetFormProps) {
  const trpc = useTRPC()
  const tags = useQuery(
    trpc.metric.tags.queryOptions({ productId, metric: widget.metric }, { enabled: widget.metric !== '' }),
  )
  // A spread of a union with one of its members' fields is that union again, which TypeScript cannot see.
  const set = (part: Partial<Widget>) => onChange({ ...widget, ...part } as Widget)
  const known = tags.data ?? []
  const kind = metrics.find(({ name }) => name === widget.metric)?.kind ?? null
  const groups = widget.type === 'number' ? [] : groupTags(widget.groupBy)
  const warning = kind === null ? undefined : KIND_RULES[kind].warned[widget.aggregation]
  return (
    <div className="grid gap-5">
      <SegmentedControl
        fill
        label="Type"
        value={widget.type}
        onValueChange={(type) => onChange(withType(widget, type))}
        options={(Object.keys(WIDGET_TYPES) as WidgetType[]).map((type) => ({
          value: type,
          label: WIDGET_TYPES[type].label,
          icon: ICONS[type],
        }))}
      />
      <Field label="Metric">
        <Combobox
          mono
          value={widget.metric || null}
          options={metrics.map(toOption)}
          placeholder="Choose a metric"
          searchPlaceholder="Search metrics"
          empty="No metric has this name. Metrics appear with their first point."
          onValueChange={(metric) => set(withMetric(widget, metrics, metric))}
        />
      </Field>
      <Field label="Show" hint={warning && `Its values ${warning}`}>
        <Select value={widget.aggregation} onChange={(e) => set({ aggregation: e.target.value as Aggregation })}>
          {offeredAggregations(kind, widget.aggregation).map((aggregation) => (
            <option key={aggregation} value={aggregation}>
              {AGGREGATION_LABELS[aggregation]}
            </option>
          ))}
        </Select>
      </Field>
      {widget.type === 'number' ? null : (
        <Field label="Group by" hint="One series, or row, for each value of the tag.">
          <Select
            value={groups.length > 1 ? SEVERAL : (groups[0] ?? '')}
            onChange={(e) => set({ groupBy: e.target.value || null } as Partial<Widget>)}
          >
            <option value="">No grouping</option>
            {groups.length > 1 ? (
              <option value={SEVERAL} disabled>
                {groups.join(', ')}
              </option>
            ) : null}
            {known.map(({ tag, valueCount }) => (
              <option key={tag} value={tag}>
                {tag} ({valueCount})
              </option>
            ))}
          </Select>
        </Field>
      )}
      <FilterFields filters={widget.filters} tags={known} onChange={(filters) => set({ filters })} />
      <Field label="Title" error={titleError}>
        <Input value={widget.title} maxLength={80} onChange={(e) => set({ title: e.target.value })} />
      </Field>
      <FormatFields format={widget.format} onChange={(format) => set({ format })} />
    </div>
  )
}

function FormatFields({ format, onChange }: { format: WidgetFormat; onChange: (format: WidgetFormat) => void }) {
  const set = (part: Partial<WidgetFormat>) => onChange({ ...format, ...part })
  return (
    <FieldSet label="Format">
      <div className="grid grid-cols-2 gap-3">
        <Field label="Unit" hideLabel>
          <Select
            value={format.unit}
            onChange={(e) => onChange(withUnit(format, e.target.value as WidgetFormat['unit']))}
          >
            {UNITS.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Decimals" hideLabel>
          <Select
            value={format.decimals ?? ''}
            onChange={(e) => set({ decimals: e.target.value === '' ? undefined : Number(e.target.value) })}
          >
            <option value="">Decimals as needed</option>
            {[0, 1, 2, 3].map((n) => (
              <option key={n} value={n}>
                {n === 1 ? '1 decimal' : `${n} decimals`}
              </option>
            ))}
          </Select>
        </Field>
        {format.unit === 'currency' ? (
          <Field label="Currency" hint="Three letters, such as EUR.">
            <Input
              mono
              maxLength={3}
              value={format.currency ?? ''}
              onChange={(e) => set({ currency: e.target.value.toUpperCase().replace(/[^A-Z]/g, '') })}
            />
          </Field>
        ) : null}
        {format.unit === 'custom' ? (
          <Field label="Unit text">
            <Input maxLength={12} value={format.suffix ?? ''} onChange={(e) => set({ suffix: e.target.value })} />
          </Field>
        ) : null}
      </div>
      <div className="mt-3">
        <Switch
          label="Lower is better"
          hint="A falling number is shown as good news."
          checked={format.lowerIsBetter}
          onCheckedChange={(lowerIsBetter) => set({ lowerIsBetter })}
        />
      </div>
    </FieldSet>
  )
}

const toOption = (metric: Metric) => ({
  value: metric.name,
  label: metric.name,
  hint: metric.unit ?? undefined,
  detail: metric.description ?? undefined,
})

/** Of a widget that is grouped by several tags, which are kept until another choice is made. No tag is a line end. */
const SEVERAL = '\n'

/** The other types' own fields are dropped or filled: the schema is strict. */
export function withType(widget: Widget, type: WidgetType): Widget {
  const { id, title, layout, metric, aggregation, filters, format } = widget
  const base = {
    id,
    title,
    layout,
    metric,
    aggregation,
    filters,
    format,
    ...(widget.formula && { formula: widget.formula }),
  }
  if (type === 'number') return { type, ...base }
  return { type, ...base, groupBy: widget.type === 'number' ? null : widget.groupBy }
}

/** A new metric brings its own aggregation and name; tags of the old one would match nothing. */
function withMetric(widget: Widget, metrics: readonly Metric[], metric: string): Partial<Widget> {
  const hasOwnTitle = widget.title !== '' && widget.title !== titleFor(widget.metric)
  return {
    metric,
    formula: undefined,
    aggregation: metrics.find(({ name }) => name === metric)?.defaultAggregation ?? widget.aggregation,
    title: hasOwnTitle ? widget.title : titleFor(metric),
    filters: [],
    ...(widget.type === 'number' ? {} : { groupBy: null }),
  } as Partial<Widget>
}

/** `github.commits` reads better as "Github commits". */
export function titleFor(metric: string): string {
  const words = metric.replace(/[._\-/]+/g, ' ').trim()
  return (words.charAt(0).toUpperCase() + words.slice(1)).slice(0, 80)
}

function withUnit(format: WidgetFormat, unit: WidgetFormat['unit']): WidgetFormat {
  const { currency, suffix, ...rest } = format
  if (unit === 'currency') return { ...rest, unit, currency: currency ?? 'EUR' }
  if (unit === 'custom') return { ...rest, unit, suffix: suffix ?? '' }
  return { ...rest, unit }
}
