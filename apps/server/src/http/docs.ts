/** The page of error codes, which the `type` of every problem points to. Its text is docs/errors.md. */
import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'
import { findBeside } from './files'
import type { AppEnv } from './types'

const STYLE = `body{font:16px/1.55 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1.25rem;color:#1c1d22;background:#fff}
h1{font-size:1.6rem}h2{font:600 1.05rem ui-monospace,monospace;margin:2rem 0 .25rem;scroll-margin-top:1rem}
h2:target{background:#fff3c4}code{font:.9em ui-monospace,monospace;background:#f1f1f4;padding:.1em .3em;border-radius:4px}
pre{background:#f1f1f4;padding:1rem;border-radius:8px;overflow:auto}pre code{padding:0}a{color:#2f5fd0}
@media(prefers-color-scheme:dark){body{color:#e6e6ea;background:#141519}code,pre{background:#23242b}h2:target{background:#4b4013}a{color:#8fb0ff}}
`

export function createDocsRoutes() {
  return new Hono<AppEnv>()
    .get('/docs/errors', async (c) =>
      c.html(toPage(await readFile(findBeside('docs/errors.md', 'docs/errors.md'), 'utf8'))),
    )
    .get('/docs/style.css', (c) => c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }))
}

function toPage(markdown: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Errors · Trackable</title>
<link rel="stylesheet" href="/docs/style.css"></head><body><main>
${toHtml(markdown)}
</main></body></html>
`
}

/** The Markdown that this page uses: headings, paragraphs, code without empty lines, inline code and links. */
export function toHtml(markdown: string): string {
  return markdown
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .filter(Boolean)
    .map(toBlock)
    .join('\n')
}

function toBlock(block: string): string {
  const heading = /^(#{1,3}) (.+)$/.exec(block.split('\n')[0] ?? '')
  if (heading) {
    const level = heading[1]?.length ?? 1
    const text = heading[2] ?? ''
    const rest = block.split('\n').slice(1).join('\n').trim()
    const open = `<h${level} id="${escapeHtml(text.toLowerCase().replaceAll(' ', '-'))}">${toInline(text)}</h${level}>`
    return rest ? `${open}\n${toBlock(rest)}` : open
  }
  const fence = /^```\w*\n([\s\S]*?)\n?```$/.exec(block)
  if (fence) return `<pre><code>${escapeHtml(fence[1] ?? '')}</code></pre>`
  return `<p>${toInline(block)}</p>`
}

const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

function toInline(text: string): string {
  return escapeHtml(text)
    .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (_, label: string, href: string) => `<a href="${href}">${label}</a>`)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
}
