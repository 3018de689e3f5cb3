import type { ApiKey } from '@trackable/api/client'
import { Badge } from '@trackable/ui/badge'
import { Button } from '@trackable/ui/button'
import { Table, TableBody, TableHead, TableRow, Td, Th, TwoLine } from '@trackable/ui/table'
import { Age, formatDate, formatDateTime, useNow } from '../../time'

/** Keys that work. */
export function KeysTable({ keys, onRevoke }: { keys: ApiKey[]; onRevoke?: (key: ApiKey) => void }) {
  const now = useNow()
  return (
    <Table density="two-line" inset label="API keys">
      <TableHead>
        <tr>
          <Th>Name</Th>
          <Th className="max-phone:hidden">Scopes</Th>
          <Th>Last used</Th>
          <Th className="max-phone:hidden">Created</Th>
          <Th>
            <span className="sr-only">Actions</span>
          </Th>
        </tr>
      </TableHead>
      <TableBody>
        {keys.map((key) => (
          <TableRow key={key.id}>
            <Td>
              <TwoLine detail={<code>trk_live_…{key.hint}</code>}>{key.name}</TwoLine>
            </Td>
            <Td className="max-phone:hidden">
              <Scopes scopes={key.scopes} />
            </Td>
            <Td className="tabular-nums">{key.lastUsedAt ? <Age at={key.lastUsedAt} now={now} /> : 'Never used'}</Td>
            <Td className="text-muted tabular-nums max-phone:hidden">{formatDate(key.createdAt)}</Td>
            <Td numeric>
              {onRevoke ? (
                <Button size={28} variant="danger-text" aria-label={`Revoke ${key.name}`} onClick={() => onRevoke(key)}>
                  Revoke
                </Button>
              ) : null}
            </Td>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  )
}

/** Keys that do not work any more: who still sends one finds out here which it was. */
export function RevokedKeysTable({ keys }: { keys: ApiKey[] }) {
  return (
    <Table density="dense" inset label="Revoked API keys">
      <TableHead>
        <tr>
          <Th>Name</Th>
          <Th className="max-phone:hidden">Ends in</Th>
          <Th className="max-phone:hidden">Scopes</Th>
          <Th className="max-phone:hidden">Last used</Th>
          <Th>Revoked</Th>
        </tr>
      </TableHead>
      <TableBody>
        {keys.map((key) => (
          <TableRow key={key.id}>
            <Td className="font-medium">{key.name}</Td>
            <Td className="max-phone:hidden">
              <code className="text-muted">{key.hint}</code>
            </Td>
            <Td className="max-phone:hidden">
              <Scopes scopes={key.scopes} isMuted />
            </Td>
            <Td className="text-muted tabular-nums max-phone:hidden">
              {key.lastUsedAt ? formatDateTime(key.lastUsedAt) : 'Never'}
            </Td>
            <Td className="text-muted tabular-nums">{key.revokedAt ? formatDateTime(key.revokedAt) : ''}</Td>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  )
}

function Scopes({ scopes, isMuted = false }: { scopes: ApiKey['scopes']; isMuted?: boolean }) {
  return (
    <span className="flex gap-1">
      {scopes.map((scope) => (
        <Badge key={scope} tone={scope === 'ingest' && !isMuted ? 'accent' : 'neutral'}>
          {scope}
        </Badge>
      ))}
    </span>
  )
}
