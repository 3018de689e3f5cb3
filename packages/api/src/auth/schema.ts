import { z } from 'zod'

/** ASVS 6.2.1: at least 12 here because a second factor is not asked for yet; 200 bounds the hashing work. */
export const PASSWORD_CHARS_MIN = 12
export const PASSWORD_CHARS_MAX = 200

export const EmailAddress = z
  .email('Enter an e-mail address such as name@example.org.')
  .max(254)
  .transform((s) => s.toLowerCase())

/** Unicode text for people: trimmed, at least one character, no control characters (they would reach mail headers). */
export const DisplayName = z
  .string()
  .trim()
  .min(1, 'Enter a name.')
  .max(80, 'At most 80 characters.')
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'Line breaks and control characters are not allowed in a name.')

export const Password = z
  .string()
  .min(PASSWORD_CHARS_MIN, `Use at least ${PASSWORD_CHARS_MIN} characters.`)
  .max(PASSWORD_CHARS_MAX, `Use at most ${PASSWORD_CHARS_MAX} characters.`)

export const Register = z.strictObject({
  email: EmailAddress,
  name: DisplayName,
  password: Password,
  teamName: DisplayName,
  /** From the single-use link that a fresh server prints; needed for the first account only. */
  setupToken: z.string().max(200).nullish(),
})
export type Register = z.infer<typeof Register>

export const Login = z.strictObject({
  email: EmailAddress,
  password: z.string().min(1, 'Enter your password.').max(PASSWORD_CHARS_MAX),
})
export type Login = z.infer<typeof Login>

export const User = z.object({ id: z.string(), email: z.string(), name: z.string() })
export type User = z.infer<typeof User>

/** What the sign-in pages need to know before anybody is known. */
export const SignInState = z.object({
  user: User.nullable(),
  /** True until the first account exists: registering then needs the set-up link. */
  needsSetup: z.boolean(),
  registration: z.enum(['open', 'closed']),
})
export type SignInState = z.infer<typeof SignInState>
