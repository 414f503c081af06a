/** A visitor who asks for data through the front door all the while, and remembers who was not answered. */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { openClient } from '../../packages/rehearsal/src/load/client.ts'
import type { RehearsalEnvironment } from '../../packages/rehearsal/src/run/environment.ts'

export interface Visitor {
  /** The site's page as it is served now. */
  page(): Promise<string>
  leave(): Promise<{ count: number; failures: readonly string[]; versions: Set<string> }>
}

/** Asks a service twenty times a second, one request after the other. */
export async function visit({ platform, emulator }: RehearsalEnvironment, service: string): Promise<Visitor> {
  const host = platform.sites.find((site) => site.services.includes(service))?.host ?? ''
  const { hostname, port } = new URL(emulator.endpoints.https)
  const ca = await readFile(emulator.caFile, 'utf8')
  const client = openClient({ host, address: hostname, port: Number(port), ca })
  const failures: string[] = []
  const versions = new Set<string>()
  let [count, staying] = [0, true]
  const visiting = (async () => {
    while (staying) {
      const answer = await client.send({ method: 'GET', path: '/api/accounts?limit=1', expect: [200] })
      count++
      if (answer.cause) failures.push(`${answer.cause}: ${answer.detail}`)
      versions.add(answer.version ?? 'none')
      await sleep(50)
    }
  })()
  return {
    page: async () => (await client.send({ method: 'GET', path: '/', expect: [200] })).body.toString(),
    async leave() {
      staying = false
      await visiting
      await client.close()
      return { count, failures, versions }
    },
  }
}
