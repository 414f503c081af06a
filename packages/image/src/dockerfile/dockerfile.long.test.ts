/** Dockerfiles, built by the engines of this machine, on a base that the engine has already. */
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { buildImage } from '../build.ts'
import { busyboxImage, layoutFor, machineArchitecture, missingForBases } from '../test-kit/bases.test-kit.ts'
import type { Dockerfile } from './engines.ts'

const missing =
  spawnSync('podman', ['--version']).status === 0 ? missingForBases('busybox') : 'podman is not installed'

const run = (program: string, ...parameters: string[]) => promisify(execFile)(program, parameters)

// In lower case: Podman makes a name of it.
const root = join(tmpdir(), `baton-dockerfile-test-${randomUUID()}`)
const base = `localhost${root}/base`
let context: string
before(async () => {
  if (missing) return
  await layoutFor(await busyboxImage(), join(root, 'base'), 'base')
  await run('podman', 'pull', '--quiet', `oci:${join(root, 'base')}:base`)
})
after(async () => {
  if (!missing) await run('podman', 'rmi', '--force', base)
  await rm(root, { recursive: true, force: true })
})
beforeEach(async () => {
  context = join(root, randomUUID())
  await mkdir(context, { recursive: true })
})

async function source(text: string, more: Partial<Dockerfile> = {}): Promise<Dockerfile> {
  const path = join(context, 'Dockerfile')
  await writeFile(path, text)
  return { kind: 'dockerfile', path, context, args: { BASE: base }, ...more }
}

const build = (dockerfile: Dockerfile) =>
  buildImage(dockerfile, { architecture: machineArchitecture, version: 'v3', cacheDir: join(root, 'cache') })

describe('a Dockerfile', { skip: missing ?? false, timeout: 300_000 }, () => {
  test('becomes an image with all that it says, from the target and with the arguments that are asked for', async () => {
    await writeFile(join(context, 'greet'), '#!/bin/sh\n', { mode: 0o755 })
    const dockerfile = await source(
      `ARG BASE
       FROM $BASE AS one
       ARG GREETING=none
       ENV GREETING=$GREETING
       COPY greet /bin/greet
       USER app
       WORKDIR /home/app
       HEALTHCHECK --interval=7s CMD greet
       STOPSIGNAL SIGINT
       VOLUME /data
       ENTRYPOINT ["greet"]
       CMD ["everyone"]
       FROM one AS two
       ENV TWO=2`,
      { target: 'one', args: { BASE: base, GREETING: 'hello' } },
    )
    const image = await build(dockerfile)
    const { Env = [], Labels, ...config } = image.config.config ?? {}
    assert.ok(Env.includes('GREETING=hello') && Env.includes('APP_VERSION=v3') && !Env.includes('TWO=2'))
    assert.equal(Labels?.['dev.baton.kind'], 'dockerfile')
    const { User, WorkingDir, StopSignal, Volumes, Entrypoint, Cmd, Healthcheck } = config
    assert.deepEqual(
      { User, WorkingDir, StopSignal, Volumes, Entrypoint, Cmd, Healthcheck },
      {
        User: 'app',
        WorkingDir: '/home/app',
        StopSignal: 'SIGINT',
        Volumes: { '/data': {} },
        Entrypoint: ['greet'],
        Cmd: ['everyone'],
        Healthcheck: { Test: ['CMD-SHELL', 'greet'], Interval: 7_000_000_000 },
      },
    )
    assert.equal((await build(dockerfile)).digest, image.digest)
  })

  test('that does not build is reported with the last lines of its build', async () => {
    const dockerfile = await source('ARG BASE\nFROM $BASE\nRUN echo so far && no-such-program')
    await assert.rejects(build(dockerfile), {
      message: /^podman could not build .*Dockerfile for linux\/\w+:[\s\S]*no-such-program/,
      fix: /^Fix the Dockerfile/,
    })
  })
})

describe('a Dockerfile is refused before it is built', () => {
  test('where it, or its context, does not exist', async () => {
    await assert.rejects(build({ kind: 'dockerfile', path: join(context, 'none'), context, args: {} }), {
      message: /There is no Dockerfile .*none$/,
      fix: /`dockerfile`/,
    })
    await assert.rejects(build(await source('FROM x', { context: join(context, 'gone') })), {
      message: /There is no folder .*gone/,
      fix: /`context`/,
    })
  })

  test('where no engine works, with what is wrong with each and with the other kinds of source', async () => {
    const path = process.env.PATH
    const programs = join(context, 'bin')
    await mkdir(programs)
    await writeFile(join(programs, 'docker'), '#!/bin/sh\necho Cannot connect to the daemon >&2; exit 1\n', {
      mode: 0o755,
    })
    try {
      process.env.PATH = programs
      await assert.rejects(build(await source('FROM x')), {
        message: /docker: Cannot connect to the daemon; podman: is not installed; buildah: is not installed/,
        fix: /`source`.*`jar`.*`image`/,
      })
    } finally {
      process.env.PATH = path
    }
  })
})

test('Buildah builds where it is the only engine', {
  skip: spawnSync('buildah', ['--version']).status === 0 ? (missing ?? false) : 'buildah is not installed',
  timeout: 300_000,
}, async () => {
  const path = process.env.PATH
  const programs = join(context, 'bin')
  await mkdir(programs)
  for (const name of ['docker', 'podman'])
    await writeFile(join(programs, name), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  try {
    process.env.PATH = [programs, path].join(delimiter)
    const image = await build(await source('ARG BASE\nFROM $BASE\nCMD ["hello"]'))
    assert.deepEqual(image.config.config?.Cmd, ['hello'])
  } finally {
    process.env.PATH = path
  }
})
