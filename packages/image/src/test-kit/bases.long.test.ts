import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { Image } from '../oci.ts'
import {
  busyboxImage,
  javaImage,
  layoutFor,
  machineJavaVersion,
  missingForBases,
  nginxImage,
  withTree,
} from './bases.test-kit.ts'

const podman = spawnSync('podman', ['--version']).status === 0

async function run(image: Image, ...command: string[]): Promise<string> {
  const folder = join(tmpdir(), `baton-base-${randomUUID()}`)
  const call = async (...parameters: string[]) => {
    const { stdout, stderr } = await promisify(execFile)('podman', parameters)
    return stdout + stderr
  }
  try {
    await layoutFor(image, folder, 'base')
    await call('pull', '--quiet', `oci:${folder}:base`)
    const name = `localhost${folder}`
    try {
      return await call('run', '--rm', '--network=none', name, ...command)
    } finally {
      await call('rmi', name)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

const skip = (...names: ('busybox' | 'java' | 'nginx')[]) => ({
  skip: podman ? (missingForBases(...names) ?? false) : 'podman is not installed',
  timeout: 120_000,
})

test('BusyBox runs as a user of the image, with what was laid over it', skip('busybox'), async () => {
  const image = await withTree(
    await busyboxImage(),
    { '/bin/greet': { content: '#!/bin/sh\nid -un; pwd\n', mode: 0o755 } },
    { User: 'app', WorkingDir: '/home/app' },
  )
  assert.equal(await run(image, 'greet'), 'app\n/home/app\n')
})

test('Java finds its libraries, in the version of this machine', skip('busybox', 'java'), async () => {
  const output = await run(await javaImage())
  assert.match(output, new RegExp(`openjdk version "${await machineJavaVersion()}\\.`))
})

test('nginx finds its libraries and its configuration', skip('busybox', 'nginx'), async () => {
  assert.match(await run(await nginxImage(), 'nginx', '-t'), /test is successful/)
})
