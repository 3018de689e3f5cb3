import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'

const DENSITY = {
  normal: '[&_td]:h-10',
  dense: '[&_td]:h-[34px] [&_th]:h-7',
  'two-line': '[&_td]:h-14',
}

export interface TableProps extends ComponentProps<'table'> {
  /** Rows of 34, 40 or 56 px. */
  density?: keyof typeof DENSITY
  /** First and last column keep 16 px to the edge: for tables in a flush card. */
  inset?: boolean
  label?: string
}

/** Figures in rows. Scrolls sideways by itself when it is too wide, and by keyboard too. */
export function Table({ density = 'normal', inset = false, label, className, ...props }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable without a mouse.
    <section aria-label={label} tabIndex={0} className="relative overflow-x-auto -outline-offset-2">
      <table
        aria-label={label}
        className={cn(
          'w-full border-collapse text-13 [&_tbody_tr:last-child_td]:border-b-0',
          DENSITY[density],
          inset
            ? '[&_:is(td,th):first-child]:ps-4 [&_:is(td,th):last-child]:pe-4'
            : '[&_:is(td,th):first-child]:ps-0 [&_:is(td,th):last-child]:pe-0',
          className,
        )}
        {...props}
      />
    </section>
  )
}

export const TableHead = (props: ComponentProps<'thead'>) => <thead {...props} />
export const TableBody = (props: ComponentProps<'tbody'>) => <tbody {...props} />

export interface TableRowProps extends ComponentProps<'tr'> {
  selected?: boolean
}

/** A row that opens something holds a link or a button in its first cell; a click on a bare row reaches no keyboard. */
export function TableRow({ selected = false, className, ...props }: TableRowProps) {
  return (
    <tr
      aria-selected={selected || undefined}
      className={cn('transition-colors [tbody_&]:hover:bg-hover', selected && 'bg-accent-tint', className)}
      {...props}
    />
  )
}

export interface ThProps extends ComponentProps<'th'> {
  numeric?: boolean
  /** The present order; `none` for a column that could be sorted. */
  sort?: 'asc' | 'desc' | 'none'
  onSort?: () => void
}

const ARIA_SORT = { asc: 'ascending', desc: 'descending', none: 'none' } as const

export function Th({ numeric = false, sort, onSort, className, children, ...props }: ThProps) {
  const isSorted = sort === 'asc' || sort === 'desc'
  const Arrow = sort === 'asc' ? ArrowUp : ArrowDown
  return (
    <th
      scope="col"
      aria-sort={sort ? ARIA_SORT[sort] : undefined}
      className={cn(
        'h-8 whitespace-nowrap border-line border-b px-3 font-medium text-12 text-muted',
        numeric && 'text-end',
        className,
      )}
      {...props}
    >
      {onSort ? (
        <button
          type="button"
          onClick={onSort}
          className={cn(
            'hit-area group -mx-1 inline-flex items-center gap-[3px] rounded-[4px] px-1 hover:text-ink',
            isSorted && 'text-ink',
          )}
        >
          {children}
          <Arrow aria-hidden className={cn('size-3', !isSorted && 'opacity-0 group-hover:opacity-60')} />
        </button>
      ) : (
        children
      )}
    </th>
  )
}

export interface TdProps extends ComponentProps<'td'> {
  numeric?: boolean
}

export function Td({ numeric = false, className, ...props }: TdProps) {
  return (
    <td
      className={cn('whitespace-nowrap border-line border-b px-3', numeric && 'text-end tabular-nums', className)}
      {...props}
    />
  )
}

/** A name with a line below it. */
export function TwoLine({
  detail,
  className,
  children,
}: {
  detail: ReactNode
  className?: string
  children: ReactNode
}) {
  return (
    <span className={cn('grid leading-[18px]', className)}>
      <span className="font-medium">{children}</span>
      <span className="text-12 text-muted">{detail}</span>
    </span>
  )
}
