import { Card } from '@trackable/ui/card'
import { Combobox } from '@trackable/ui/combobox'
import { Field } from '@trackable/ui/field'
import { Select } from '@trackable/ui/select'
import { useMemo } from 'react'
import { zoneOptions } from '../product/zones'
import { type ImportDraft, withDelimiter } from './import-draft'

const DELIMITERS: Record<ImportDraft['delimiter'], string> = {
  ',': 'Comma',
  ';': 'Semicolon',
  '\t': 'Tab',
  '|': 'Vertical bar',
}
const DECIMALS: Record<ImportDraft['decimal'], string> = { '.': '1,234.56', ',': '1.234,56' }
const ENCODINGS: Record<ImportDraft['encoding'], string> = { 'utf-8': 'UTF-8', 'windows-1252': 'Windows (1252)' }
const TIMES: Record<ImportDraft['timeFormat'], string> = {
  iso: '2026-11-20T09:30:00Z',
  epoch: 'Seconds since 1970',
  ymd: 'Year, month, day',
  dmy: 'Day, month, year',
  mdy: 'Month, day, year',
}

export interface ImportSettingsProps {
  draft: ImportDraft
  sampleText: string
  onDraft: (draft: ImportDraft) => void
}

/** How the text of the file is read. Everything was guessed from it, and can be set right. */
export function ImportSettings({ draft, sampleText, onDraft }: ImportSettingsProps) {
  const needsZone = draft.timeFormat !== 'iso' && draft.timeFormat !== 'epoch'
  return (
    <Card aria-label="How the file is read">
      <div className="grid grid-cols-[repeat(auto-fill,minmax(11rem,1fr))] items-start gap-4">
        <Choice
          label="Columns are separated by"
          labels={DELIMITERS}
          value={draft.delimiter}
          onChange={(delimiter) => onDraft(withDelimiter(draft, delimiter, sampleText))}
        />
        <Choice
          label="Numbers look like"
          labels={DECIMALS}
          value={draft.decimal}
          onChange={(decimal) => onDraft({ ...draft, decimal })}
        />
        <Choice
          label="Times look like"
          labels={TIMES}
          value={draft.timeFormat}
          onChange={(timeFormat) => onDraft({ ...draft, timeFormat })}
        />
        {needsZone ? <ZoneField value={draft.zone} onChange={(zone) => onDraft({ ...draft, zone })} /> : null}
        <Choice
          label="Letters are stored as"
          labels={ENCODINGS}
          value={draft.encoding}
          onChange={(encoding) => onDraft({ ...draft, encoding })}
        />
      </div>
    </Card>
  )
}

function ZoneField({ value, onChange }: { value: string; onChange: (zone: string) => void }) {
  const options = useMemo(() => {
    const known = zoneOptions()
    return known.some((option) => option.value === value) ? known : [{ value, label: value }, ...known]
  }, [value])
  return (
    <Field label="On the clocks of">
      <Combobox
        value={value}
        onValueChange={onChange}
        options={options}
        searchPlaceholder="Search a city or region"
        empty="No zone has this name."
      />
    </Field>
  )
}

interface ChoiceProps<T extends string> {
  label: string
  labels: Record<T, string>
  value: T
  onChange: (value: T) => void
}

function Choice<T extends string>({ label, labels, value, onChange }: ChoiceProps<T>) {
  return (
    <Field label={label}>
      <Select value={value} onChange={(event) => onChange(event.target.value as T)}>
        {(Object.entries(labels) as [T, string][]).map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </Select>
    </Field>
  )
}
