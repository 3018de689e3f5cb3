import type pg from 'pg'
import type { PoolClient } from '../client'

/** What goes before the rows of a binary COPY, and what ends them. */
export const COPY_HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
export const COPY_TRAILER = Buffer.from([0xff, 0xff])

/**
 * Runs statements of one simple query, among them as many `COPY … FROM STDIN` as there are payloads. Without BEGIN they
 * are one implicit transaction (protocol, "Multiple Statements in a Simple Query"): all of them or none, and no round
 * trip for BEGIN or COMMIT. Resolves, after the COMMIT, with the number of rows of each COPY.
 *
 * `onRow` is told the columns of each row that a SELECT before the first COPY answers. No byte of the payloads leaves before
 * that: what is not known by then cannot have been committed. When it answers false, no payload leaves at all: the COPY
 * fails and takes the transaction along.
 */
export function runCopyScript(
  client: PoolClient,
  text: string,
  payloads: readonly Uint8Array[],
  onRow: OnRow = () => true,
): Promise<number[]> {
  const script = new CopyScript(text, payloads, onRow)
  client.query(script)
  return script.done
}

/** The COPY half of the protocol that the driver has and its types do not mention. */
interface CopyConnection extends pg.Connection {
  sendCopyFromChunk(chunk: Uint8Array): void
  endCopyFrom(): void
  sendCopyFail(reason: string): void
}

/** Told the columns of a row; answers whether the payloads may follow. */
export type OnRow = (columns: readonly string[]) => boolean

/**
 * COPY FROM STDIN whose bytes are all there. A stream would add nothing but states: when the server refuses a row in the
 * middle, what is still on its way, the payloads of later COPYs included, is dropped by the server (protocol, "COPY
 * Operations"), and the connection stays usable for whatever comes next.
 */
class CopyScript implements pg.Submittable {
  readonly done: Promise<number[]>
  private readonly rows: number[] = []
  private isSent = false
  private isRefused = false
  private resolve: (rows: number[]) => void = () => undefined
  private reject: (error: Error) => void = () => undefined

  constructor(
    private readonly text: string,
    private readonly payloads: readonly Uint8Array[],
    private readonly onRow: OnRow,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  submit(connection: pg.Connection): void {
    connection.query(this.text)
  }

  handleRowDescription(): void {}

  handleDataRow({ fields }: { fields: (string | Buffer | null)[] }): void {
    if (!this.onRow(fields.map(String))) this.isRefused = true
  }

  /** At the first of them everything is sent: the server reads the next payload when it comes to its statement. */
  handleCopyInResponse(connection: CopyConnection): void {
    if (this.isRefused) connection.sendCopyFail('the client takes its rows back')
    if (this.isRefused || this.isSent) return
    this.isSent = true
    for (const payload of this.payloads) {
      connection.sendCopyFromChunk(payload)
      connection.endCopyFrom()
    }
  }

  handleCommandComplete({ text }: { text: string }): void {
    if (text.startsWith('COPY ')) this.rows.push(Number(text.slice('COPY '.length)))
  }

  handleReadyForQuery(): void {
    this.resolve(this.rows)
  }

  handleError(error: Error): void {
    this.reject(error)
  }
}
