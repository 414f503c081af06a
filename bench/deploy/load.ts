/**
 * An open-loop load: requests leave at their times whether or not earlier ones are answered, as visitors come.
 * Counts what was sent and what was lost, with the reason of each loss.
 */
import { Agent, get } from 'node:http'

export interface Load {
  readonly sent: number
  /** Why, of each request that was not answered with 200. */
  readonly lost: readonly string[]
  /** Ends it; resolves when every request has its answer. */
  stop(): Promise<void>
}

export function startLoad(target: { host: string; port: number; name: string }, perSecond: number): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const lost: string[] = []
  const underWay = new Set<Promise<void>>()
  const started = performance.now()
  let sent = 0
  const send = () => {
    const at = new Date().toISOString()
    const request = new Promise<void>((resolve) => {
      const lose = (why: string) => {
        lost.push(`${at} ${why}`)
        resolve()
      }
      const headers = { Host: target.name }
      const sending = get({ host: target.host, port: target.port, agent, headers }, (response) => {
        response.resume()
        response.on('error', (error) => lose(error.message))
        response.on('end', () =>
          response.statusCode === 200 ? resolve() : lose(`status ${response.statusCode}`),
        )
      })
      sending.setTimeout(30_000, () => sending.destroy(new Error('no answer within 30 s')))
      sending.on('error', (error) => lose(error.message))
    })
    underWay.add(request)
    request.finally(() => underWay.delete(request))
  }
  // What a late timer owes is sent at once: the rate holds however busy the machine is.
  const timer = setInterval(() => {
    const due = ((performance.now() - started) / 1000) * perSecond
    for (; sent < due; sent++) send()
  }, 1000 / perSecond)
  return {
    get sent() {
      return sent
    },
    lost,
    async stop() {
      clearInterval(timer)
      await Promise.all(underWay)
      agent.destroy()
    },
  }
}
