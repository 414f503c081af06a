import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { engineAddresses, type Surroundings } from './engine-address.ts'
import { findEngine } from './find-engine.ts'

const here = (more: Partial<Surroundings> = {}): Surroundings => ({
  env: { XDG_RUNTIME_DIR: '/nowhere' },
  home: '/nowhere',
  platform: 'linux',
  uid: 1000,
  ...more,
})

async function folder(t: { after(work: () => Promise<void>): void }): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'baton-engine-test-'))
  t.after(() => rm(path, { recursive: true }))
  return path
}

test('DOCKER_HOST names the engine, as a socket or a port', () => {
  const of = (DOCKER_HOST: string) => engineAddresses(here({ env: { DOCKER_HOST } }))
  assert.deepEqual(of('unix:///run/x.sock'), {
    named: true,
    addresses: [{ source: 'DOCKER_HOST', socketPath: '/run/x.sock' }],
  })
  assert.deepEqual(of('tcp://127.0.0.1').addresses, [
    { source: 'DOCKER_HOST', host: '127.0.0.1', port: 2375 },
  ])
})

test('an engine on another machine is refused with what to do', () => {
  assert.throws(() => engineAddresses(here({ env: { DOCKER_HOST: 'ssh://me@there' } })), {
    name: 'NoEngineError',
    message: /DOCKER_HOST names an engine on another machine/,
    fix: /unset DOCKER_HOST/,
  })
  assert.throws(
    () => engineAddresses(here({ env: { DOCKER_HOST: 'there:2375' } })),
    /no address of a container engine/,
  )
})

test('the context that docker uses names the engine', async (t) => {
  const home = await folder(t)
  const id = createHash('sha256').update('colima').digest('hex')
  await mkdir(join(home, '.docker/contexts/meta', id), { recursive: true })
  await writeFile(join(home, '.docker/config.json'), JSON.stringify({ currentContext: 'colima' }))
  const meta = { Endpoints: { docker: { Host: 'unix:///home/me/.colima/default/docker.sock' } } }
  await writeFile(join(home, '.docker/contexts/meta', id, 'meta.json'), JSON.stringify(meta))
  assert.deepEqual(engineAddresses(here({ home })).addresses, [
    { source: 'context "colima"', socketPath: '/home/me/.colima/default/docker.sock' },
  ])
  assert.throws(
    () => engineAddresses(here({ home, env: { DOCKER_CONTEXT: 'none' } })),
    /The Docker context "none" does not exist/,
  )
})

test('sockets that engines make by default are found where they are', async (t) => {
  const home = await folder(t)
  await mkdir(join(home, '.colima/default'), { recursive: true })
  await writeFile(join(home, '.colima/default/docker.sock'), '')
  const found = engineAddresses(here({ home })).addresses.map(({ socketPath }) => socketPath)
  assert.ok(found.includes(join(home, '.colima/default/docker.sock')))
})

test('an engine that was named and does not answer is an error that names it', async () => {
  await assert.rejects(findEngine(here({ env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } })), {
    name: 'NoEngineError',
    message: /does not answer \(DOCKER_HOST: .*ENOENT/,
    fix: 'Start it, or correct DOCKER_HOST.',
  })
})

test('without an engine it says what to install, or how to start what is installed', async (t) => {
  // The machine of the test may have an engine; its sockets are not looked for then.
  const none = { platform: 'darwin' as const, home: await folder(t), uid: 501 }
  const programs = await folder(t)
  const rejects = (env: Surroundings['env'], message: RegExp, fix: RegExp) =>
    assert.rejects(
      findEngine(here({ ...none, env: { XDG_RUNTIME_DIR: '/nowhere', ...env } })),
      (error: Error & { fix?: string }) => {
        assert.match(error.message, message)
        assert.match(error.fix ?? '', fix)
        return true
      },
    )
  const { existsSync } = await import('node:fs')
  if (existsSync('/var/run/docker.sock') || existsSync('/run/podman/podman.sock'))
    return t.skip('this machine has an engine')
  await rejects({ PATH: programs }, /There is no container engine on this machine/, /Install Docker Desktop/)
  await writeFile(join(programs, 'docker'), '', { mode: 0o755 })
  await rejects(
    { PATH: programs },
    /Docker is installed, and its engine does not run/,
    /Start Docker Desktop/,
  )
  await writeFile(join(programs, 'podman'), '', { mode: 0o755 })
  await rejects({ PATH: programs }, /its virtual machine does not run/, /podman machine start/)
  await assert.rejects(
    findEngine(here({ env: { PATH: programs, XDG_RUNTIME_DIR: '/nowhere' } })),
    /Podman is installed, and its API is not served/,
  )
})
