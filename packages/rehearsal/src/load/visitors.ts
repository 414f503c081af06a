/**
 * The clients of one audience: they open tabs, load what those name, read, write, write slowly, delete. Each
 * method is one request and returns what came of it.
 */
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Audience } from '../traffic/traffic.ts'
import { type Answer, type Client, openClient } from './client.ts'
import { Ledger } from './ledger.ts'
import type { ClientCause, LedgerEntry, LoadOptions, Outcome, RequestKind } from './record.ts'
import { AssetBodies, readPage, referencedAssets, Tab } from './tab.ts'

const tabCount = 8
const tabLifetimeMs = 25_000
/** A client on a slow line takes this long to send its body: long enough to be under way when tasks change. */
const slowBodyMs = 1_500

export class Visitors {
  readonly site: string
  readonly #audience: Audience
  readonly #client: Client
  readonly #ledger: Ledger
  readonly #unique: string
  readonly #bodies = new AssetBodies()
  readonly #tabs: Tab[] = []
  #writes = 0
  #pages = 0

  constructor(audience: Audience, options: LoadOptions) {
    this.site = audience.site
    this.#audience = audience
    this.#ledger = new Ledger(audience.site)
    this.#unique = options.unique
    this.#client = openClient({ ...options, host: options.hosts[audience.site] ?? audience.site })
  }

  send(kind: RequestKind): Promise<Outcome> {
    switch (kind) {
      case 'document':
        return this.#openPage()
      case 'asset':
        return this.#loadAsset()
      case 'write':
        return this.#write()
      case 'slow-write':
        return this.#write(slowBodyMs)
      case 'delete':
        return this.#delete()
      case 'read':
        return this.#read()
    }
  }

  /**
   * Reads back, page by page, what is in the database, and finds the writes that are not as they should be. A
   * platform that cannot be read any more is a failed request, and says nothing of the writes.
   */
  async readBack(): Promise<{ readonly lost: readonly LedgerEntry[]; readonly failure?: Outcome }> {
    const ids = new Set<string>()
    let cursor: string | undefined
    do {
      const path = this.#audience.list.path(cursor)
      const answer = await this.#readAgain(path)
      if (answer.cause) return { lost: [], failure: outcome('GET', path, answer) }
      const page = this.#audience.list.read(JSON.parse(answer.body.toString()))
      for (const id of page.ids) ids.add(id)
      cursor = page.cursor
    } while (cursor !== undefined)
    return { lost: this.#ledger.lost(ids) }
  }

  /** Reading back is no part of the load: a request that fails is sent again, and only the tenth counts. */
  async #readAgain(path: string): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#client.send({ method: 'GET', path, expect: [200] })
      if (!answer.cause || attempt === 10) return answer
      await sleep(100)
    }
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  async #openPage(): Promise<Outcome> {
    const { pages } = this.#audience
    const path = pages[this.#pages++ % pages.length] ?? '/'
    const answer = await this.#client.send({ method: 'GET', path, expect: [200] })
    if (answer.cause) return outcome('GET', path, answer)
    const page = readPage(answer.body.toString())
    if ('cause' in page) return { ...outcome('GET', path, answer), ...page }
    this.#openTab(page)
    return { ...outcome('GET', path, answer), version: page.version }
  }

  #openTab(page: NonNullable<Tab['page']>): void {
    const now = Date.now()
    const closed = this.#tabs.findIndex((tab) => tab.closesAt < now)
    if (closed < 0 && this.#tabs.length >= tabCount) return
    const tab = new Tab(now, tabLifetimeMs)
    tab.page = page
    if (closed < 0) this.#tabs.push(tab)
    else this.#tabs[closed] = tab
  }

  async #loadAsset(): Promise<Outcome> {
    const tab = this.#tabs[Math.floor(Math.random() * this.#tabs.length)]
    const path = tab?.nextAsset()
    if (!tab || path === undefined) return this.#openPage()
    const answer = await this.#client.send({ method: 'GET', path, expect: [200] })
    if (answer.cause) return outcome('GET', path, answer)
    if (/\.(js|css)$/.test(path)) tab.learn(referencedChunks(answer.body.toString()))
    return { ...outcome('GET', path, answer), ...this.#bodies.check(path, answer.body) }
  }

  async #read(): Promise<Outcome> {
    const path = this.#audience.read
    const answer = await this.#client.send({ method: 'GET', path, expect: [200] })
    return { ...outcome('GET', path, answer), ...(answer.cause ? {} : notJson(answer)) }
  }

  async #write(slowMs?: number): Promise<Outcome> {
    const { path, body, id } = this.#audience.create
    const json = JSON.stringify(body(this.#writes++, this.#unique))
    const request = { method: 'POST', path, expect: [201] }
    const answer = await this.#client.send({
      ...request,
      body: slowMs ? Readable.from(slowly(json, slowMs)) : json,
    })
    if (answer.cause) return outcome('POST', path, answer)
    const wrong = notJson(answer)
    if (wrong) return { ...outcome('POST', path, answer), ...wrong }
    const created = id(JSON.parse(answer.body.toString()))
    if (created === undefined)
      return { ...outcome('POST', path, answer), cause: 'wrong-body', detail: 'the answer has no id' }
    this.#ledger.acknowledge(created, Date.now())
    return outcome('POST', path, answer)
  }

  async #delete(): Promise<Outcome> {
    const entry = this.#ledger.takeForDelete(20)
    if (!entry) return this.#write()
    const path = this.#audience.remove(entry.id)
    const answer = await this.#client.send({ method: 'DELETE', path, expect: [200, 204] })
    if (!answer.cause) this.#ledger.deleted(entry.id)
    return outcome('DELETE', path, answer)
  }
}

function outcome(method: string, path: string, answer: Answer): Outcome {
  const { body: _body, ...rest } = answer
  return { method, path, ...rest }
}

function notJson(answer: Answer): { cause: ClientCause; detail: string } | undefined {
  try {
    JSON.parse(answer.body.toString())
    return undefined
  } catch {
    return { cause: 'wrong-body', detail: `not JSON: ${answer.body.subarray(0, 100)}` }
  }
}

/** Chunks name each other relative to themselves (`./accounts-1a2b.js`) or to the site (`assets/…`). */
function referencedChunks(text: string): string[] {
  const siblings = [...text.matchAll(/["'`]\.\/([\w-]+-[\w-]{6,}\.(?:js|css))["'`]/g)].map(
    (match) => `/assets/${match[1]}`,
  )
  return [...referencedAssets(text), ...siblings]
}

async function* slowly(text: string, ms: number): AsyncGenerator<Uint8Array> {
  const half = Math.floor(text.length / 2)
  yield Buffer.from(text.slice(0, half))
  await sleep(ms)
  yield Buffer.from(text.slice(half))
}
