/** What is evaluated in one go takes less than 50 ms of the thread, which carries the traffic, and then traffic comes first. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { openStore } from '../store.ts'
import { createTerraform } from './index.ts'

const longestMs = 50

/** The thread's own time in milliseconds: what other processes take of the machine does not count. */
function ownTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** The longest time in which nothing else had its turn, while a plan is made. */
async function longestTurn(document: object): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-one-go-'))
  const store = openStore(':memory:')
  const types = { resources: [], dataSources: [], ephemerals: [] }
  const terraform = createTerraform({ store, accountId: '000000000000', region: 'us-east-1', types })
  await writeFile(join(folder, 'cdk.tf.json'), JSON.stringify(document))
  const planned = { done: false }
  let longest = 0
  const watch = async () => {
    for (let last = ownTime(); !planned.done; last = ownTime()) {
      await setImmediate()
      longest = Math.max(longest, ownTime() - last)
    }
  }
  const watching = watch()
  await setImmediate()
  await terraform.plan(folder, { stack: 'test' }).catch(() => {})
  planned.done = true
  await watching
  store.close()
  await rm(folder, { recursive: true })
  return longest
}

const thousand = '${range(1000)}'
const output = (value: string, locals: object = {}) => ({
  locals: { r: thousand, ...locals },
  output: { big: { value } },
})
const objects = { o: '${[for x in range(1000): { a = x, b = [x, x] }]}' }
const korean = { t: '가'.repeat(16_000) }

const documents: Readonly<Record<string, object>> = {
  'loops in loops': output('${[for a in local.r : [for b in local.r : [for c in local.r : a]]]}'),
  'a large value encoded at each element': output('${[for a in local.r : length(jsonencode(local.r))]}'),
  'a list sorted at each element': output('${[for a in local.r : length(sort(local.s))]}', {
    s: '${[for x in range(1000): "x${x}"]}',
  }),
  'a regular expression at each element': output('${[for a in local.r : regexall("[a-z]+", local.t)]}', {
    t: '${join(" ", [for x in range(200): "abc"])}',
  }),
  'a replacement at each element': output('${[for a in local.r : replace(local.t, "a", "b")]}', {
    t: 'ab'.repeat(20_000),
  }),
  'characters counted at each element': output('${[for a in local.r : substr(local.t, 0, 1)]}', korean),
  'large values compared at each element': output('${[for a in local.r : local.o == local.o]}', objects),
  'large values of a conditional': output('${[for a in local.r : true ? local.o : local.o]}', objects),
  'a search at each element': output('${[for a in local.r : contains(local.o, a)]}', objects),
  'JSON in a text': output('${jsondecode(local.j)}', { j: JSON.stringify(Array(300_000).fill(1)) }),
  'a long expression': output(`\${[${Array(30_000).fill('"x"').join()}]}`),
  'many outputs, each of them large': {
    locals: { r: thousand },
    output: Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [
        `o${index}`,
        { value: '${length([for a in local.r : [for b in range(10) : b]])}' },
      ]),
    ),
  },
}

for (const [name, document] of Object.entries(documents)) {
  test(`${name}: others wait for less than ${longestMs} ms`, { timeout: 60_000 }, async () => {
    // The first time much of it is not compiled yet.
    const times = [await longestTurn(document), await longestTurn(document)]
    assert.ok(Math.min(...times) < longestMs, `${times.map((ms) => ms.toFixed(1)).join(' and ')} ms`)
  })
}
