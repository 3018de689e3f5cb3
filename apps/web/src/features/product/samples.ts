import type { CodeSample } from '@trackable/ui/code-block'
import { paths } from '../../paths'

/** Stands where a key is not known any more. */
export const KEY_PLACEHOLDER = 'YOUR_API_KEY'

/** The same request in three languages, ready to run: with this server's address and the reader's key. */
export function sendSamples(origin: string, key: string): CodeSample[] {
  const url = origin + paths.ingest()
  return [
    {
      id: 'curl',
      label: 'curl',
      lang: 'shell',
      code: `curl ${url} \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d '{
    "metric": "signups",
    "value": 1,
    "tags": { "plan": "Solo", "region": "EU" }
  }'`,
    },
    {
      id: 'javascript',
      label: 'JavaScript',
      lang: 'js',
      code: `// Better kept in an environment variable.
const key = "${key}"

await fetch("${url}", {
  method: "POST",
  headers: {
    Authorization: \`Bearer \${key}\`,
    "Content-Type": "application/json",
  },
  body: JSON.stringify({ metric: "signups", value: 1, tags: { plan: "Solo", region: "EU" } }),
})`,
    },
    {
      id: 'python',
      label: 'Python',
      lang: 'python',
      code: `import requests

# Better kept in an environment variable.
key = "${key}"

requests.post(
    "${url}",
    headers={"Authorization": f"Bearer {key}"},
    json={"metric": "signups", "value": 1, "tags": {"plan": "Solo", "region": "EU"}},
    timeout=5,
)`,
    },
  ]
}
