import { Page } from '../shell/page'

export default function Soon() {
  return <Page title="Soon">…</Page>
}
