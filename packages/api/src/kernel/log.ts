/** Where pino finds what no log may hold (AU-26, ASVS 14.2.1); the composition root hands it to pino's `redact`. */
export const REDACTED_PATHS = [
  'req.headers.authorization',
  'req.headers.cookie',
  'res.headers["set-cookie"]',
  'headers.authorization',
  'headers.cookie',
  '*.password',
  '*.setupToken',
  '*.token',
  '*.key',
]

const API_KEY = /trk_live_[A-Za-z0-9]+/g
const SECRET_PARAMETER = /([?&](?:key|token|api_key|access_token|setup)=)[^&\s"']+/gi

/** For free text, such as a URL or an error of a library: takes out API keys, and tokens in query strings. */
export function redactSecrets(text: string): string {
  return text.replaceAll(API_KEY, 'trk_live_[redacted]').replaceAll(SECRET_PARAMETER, '$1[redacted]')
}
