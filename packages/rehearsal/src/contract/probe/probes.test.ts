/** The measurements of the contract check, on servers of this process and on processes of this machine. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { judgeHealthCommands, judgeWrites } from './files.ts'
import { statusOf } from './http.ts'
import { judgeKeepAlive, measureKeepAlive } from './keep-alive.ts'
import { commandLine, listeningSockets, processTree } from './processes.ts'

const elsewhere = process.platform === 'linux' ? false : 'only Linux tells'

async function serving(server: Server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { address: host, port } = server.address() as AddressInfo
  return {
    host,
    port,
    [Symbol.dispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

describe('idle connections', { concurrency: true }, () => {
  test('that the service closes are found at the age that is above its keep-alive, with the time', async () => {
    const server = createServer((_, response) => response.end('ok'))
    server.keepAliveTimeout = 1_000
    server.keepAliveTimeoutBuffer = 0
    using address = await serving(server)
    const [young, old] = await measureKeepAlive(address, '/', 'host', [0.3, 3])
    assert.deepEqual(young, { ageSeconds: 0.3, open: true })
    assert.equal(old?.open, false)
    const closedAfter = old?.closedAfterSeconds ?? 0
    assert.ok(closedAfter >= 0.8 && closedAfter < 2.5, `${closedAfter} s`)
    const { result, detail } = judgeKeepAlive(
      [{ ageSeconds: 0.3, open: true }, old ?? { ageSeconds: 3, open: false }],
      60,
    )
    assert.equal(result, 'broken')
    assert.match(detail, /0\.3 s open, 3 s closed after [\d.]+ s; the load balancer keeps them for 60 s/)
  })

  test('that the service keeps are kept', async () => {
    const server = createServer((_, response) => response.end('ok'))
    server.keepAliveTimeout = 75_000
    using address = await serving(server)
    const connections = await measureKeepAlive(address, '/', 'host', [0.2, 1])
    assert.equal(judgeKeepAlive(connections, 60).result, 'kept')
  })
})

test('an answer is read whole, with a length, in chunks, or up to the end of its connection', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/chunks') {
      response.write('one')
      return setTimeout(() => response.end('two'), 20)
    }
    if (request.url === '/end') response.setHeader('connection', 'close')
    response.end('whole')
  })
  using address = await serving(server)
  assert.match((await statusOf(address, '/chunks', 'host', 2_000))?.body ?? '', /one[\s\S]*two/)
  assert.equal((await statusOf(address, '/', 'host', 2_000))?.body, 'whole')
  assert.equal((await statusOf(address, '/end', 'host', 2_000))?.status, 200)
  assert.equal(await statusOf({ ...address, port: 1 }, '/', 'host', 500), undefined)
})

test('a process is known by its command, and by where it listens', { skip: elsewhere }, async () => {
  const script = `require('node:http').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })`
  const child = spawn('/bin/sh', ['-c', `"${process.execPath}" -e "${script}"; true`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  try {
    const [line] = await once(child.stdout, 'data')
    const pid = child.pid ?? 0
    assert.deepEqual(commandLine(pid)?.slice(0, 2), ['/bin/sh', '-c'])
    assert.deepEqual(listeningSockets(processTree(pid)), [
      { address: '127.0.0.1', port: Number(String(line)) },
    ])
  } finally {
    if (child.pid) process.kill(-child.pid, 'SIGKILL')
  }
})

describe('the files of a container', () => {
  test('that it wrote outside of its mounts break the contract, those in its mounts do not', async (t) => {
    const root = await mkdtemp(join(tmpdir(), 'baton-files-'))
    t.after(() => rm(root, { recursive: true }))
    const files = { root, written: root, isolated: true }
    await mkdir(join(root, 'var/log'), { recursive: true })
    await writeFile(join(root, 'var/log/app.log'), 'x')
    assert.equal(judgeWrites(process.pid, files, 0, ['/var/log']).result, 'kept')
    await writeFile(join(root, 'cache.db'), 'x')
    const { result, detail } = judgeWrites(process.pid, files, 0, ['/var/log'])
    assert.deepEqual([result, detail], ['broken', 'it wrote /cache.db'])
    assert.equal(judgeWrites(process.pid, files, Date.now() + 60_000, []).result, 'kept')
  })

  test('have the tools of its health command, or break the contract', async (t) => {
    const root = await mkdtemp(join(tmpdir(), 'baton-tools-'))
    t.after(() => rm(root, { recursive: true }))
    const files = { root, written: root, isolated: true }
    const judge = (...command: string[]) =>
      judgeHealthCommands([{ name: 'app', healthCheck: { command } }], 'app', files)
    const shell = ['CMD-SHELL', 'curl -f http://localhost:8080/api/health || exit 1']
    const { result, detail } = judge(...shell)
    assert.equal(result, 'broken')
    assert.match(detail, /needs curl, which is not in its image/)
    await mkdir(join(root, 'usr/bin'), { recursive: true })
    await writeFile(join(root, 'usr/bin/curl'), '')
    assert.equal(judge(...shell).result, 'kept')
    assert.equal(judge('CMD', '/usr/bin/wget', '-q', 'http://localhost').result, 'broken')
    assert.equal(judgeHealthCommands([{ name: 'app' }], 'app', files).result, 'kept')
  })
})
