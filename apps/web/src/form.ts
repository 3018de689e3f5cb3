import type { FieldValues, Path, Resolver, UseFormSetError } from 'react-hook-form'
import type { z } from 'zod'
import { toProblem } from './problem'

/**
 * Validates a form with the schema that the server validates with. The schema library is loaded when a form is first
 * checked and not with the page: signing in must not wait for it.
 */
export function lazyResolver<Schema extends z.ZodType<FieldValues, FieldValues>>(
  load: () => Promise<Schema>,
): Resolver<z.input<Schema>, unknown, z.output<Schema>> {
  return async (values, context, options) => {
    const [schema, { zodResolver }] = await Promise.all([load(), import('@hookform/resolvers/zod')])
    const resolve: Resolver<z.input<Schema>, unknown, z.output<Schema>> = zodResolver(schema) as never
    return resolve(values, context, options)
  }
}

/** Puts the server's findings beside the fields that they are about. Returns false when none of them has a field here. */
export function showFieldErrors<Values extends FieldValues>(
  error: unknown,
  names: readonly Path<Values>[],
  setError: UseFormSetError<Values>,
): boolean {
  const { fields } = toProblem(error)
  const known = names.filter((name) => fields[name] !== undefined)
  known.forEach((name, index) => {
    setError(name, { message: fields[name] }, { shouldFocus: index === 0 })
  })
  return known.length > 0
}
