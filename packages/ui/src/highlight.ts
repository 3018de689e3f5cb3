export type CodeLanguage = 'shell' | 'js' | 'python' | 'json' | 'text'
export type CodeTokenKind = 'plain' | 'string' | 'keyword' | 'number' | 'comment'

export interface CodeToken {
  kind: CodeTokenKind
  text: string
}

const STRING = String.raw`"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|${'`'}(?:\\.|[^${'`'}\\])*${'`'}`
const NUMBER = String.raw`\b\d+(?:\.\d+)?\b`

const KEYWORDS: Record<CodeLanguage, string> = {
  shell: '',
  js: 'const|let|await|async|import|from|export|function|return|new|if|else|true|false|null',
  python: 'import|from|def|return|with|as|if|else|for|in|True|False|None',
  json: 'true|false|null',
  text: '',
}

const COMMENTS: Record<CodeLanguage, string> = {
  shell: String.raw`(?<=^|\s)#[^\n]*`,
  js: String.raw`\/\/[^\n]*`,
  python: '#[^\\n]*',
  json: '',
  text: '',
}

/**
 * Splits a snippet for colouring. Our samples are a dozen lines that we wrote ourselves, so strings, numbers, comments and
 * a handful of words are enough; a real highlighter would weigh more than the page it stands on.
 */
export function highlight(code: string, language: CodeLanguage = 'text'): CodeToken[] {
  if (language === 'text') return [{ kind: 'plain', text: code }]
  const kinds: [CodeTokenKind, string][] = [
    ['comment', COMMENTS[language]],
    ['string', STRING],
    ['keyword', KEYWORDS[language] && `\\b(?:${KEYWORDS[language]})\\b`],
    ['number', language === 'shell' ? '' : NUMBER],
  ]
  const used = kinds.filter(([, pattern]) => pattern !== '')
  const pattern = new RegExp(used.map(([kind, source]) => `(?<${kind}>${source})`).join('|'), 'gmu')
  const tokens: CodeToken[] = []
  let end = 0
  for (const match of code.matchAll(pattern)) {
    if (match.index > end) tokens.push({ kind: 'plain', text: code.slice(end, match.index) })
    const kind = used.find(([name]) => match.groups?.[name] !== undefined)?.[0] ?? 'plain'
    tokens.push({ kind, text: match[0] })
    end = match.index + match[0].length
  }
  if (end < code.length) tokens.push({ kind: 'plain', text: code.slice(end) })
  return tokens
}
