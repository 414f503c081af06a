import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StoredImage } from '../services/ecr/contract.ts'
import { createSelectedRuntime } from './selected-runtime.ts'
import type { RuntimeChoice, RuntimeKind } from './task/runtime-choice.ts'
import type { RemovableRuntime, TaskNetwork } from './task/task-runtime.ts'

function image(kind: string | undefined, isApplication = true): StoredImage {
  return {
    digest: `sha256:${kind}`,
    config: {
      architecture: 'amd64',
      os: 'linux',
      config: kind === undefined ? {} : { Labels: { 'dev.baton.kind': kind } },
    },
    layers: [
      {
        digest: 'sha256:1',
        mediaType: '',
        annotations: isApplication ? { 'dev.baton.layer': 'application' } : {},
        file: '',
      },
    ],
  }
}

/** By which kind a task of these images is run. */
async function kindOf(
  images: StoredImage[],
  choice: RuntimeChoice = 'auto',
  java = true,
): Promise<RuntimeKind[]> {
  const attached: RuntimeKind[] = []
  const runtime = (kind: RuntimeKind): RemovableRuntime => ({
    async attach(): Promise<TaskNetwork> {
      attached.push(kind)
      return {
        address: '127.0.0.1',
        metadata: 'loopback',
        localPort: async (port) => port,
        release: async () => undefined,
      }
    },
    prepare: async () => undefined,
    start: () => Promise.reject(new Error('nothing is started here')),
    onMetadata: () => undefined,
    endLeftovers: async () => undefined,
    close: async () => undefined,
    removeImagesExcept: async () => undefined,
  })
  const selected = createSelectedRuntime(
    choice,
    { process: runtime('process'), container: runtime('container') },
    () => java,
  )
  await selected.attach({ taskId: '1', images, containerPorts: [] })
  assert.deepEqual([...selected.used()], attached)
  return attached
}

test('auto runs what Baton bundled as a process, and everything else as containers', async () => {
  assert.deepEqual(await kindOf([image('source')]), ['process'])
  assert.deepEqual(await kindOf([image(undefined)]), ['process'])
  assert.deepEqual(await kindOf([image('dockerfile')]), ['container'])
  assert.deepEqual(await kindOf([image('image')]), ['container'])
  assert.deepEqual(await kindOf([image(undefined, false)]), ['container'])
})

test('auto runs a jar as a process where the machine has its Java', async () => {
  assert.deepEqual(await kindOf([image('jar')]), ['process'])
  assert.deepEqual(await kindOf([image('jar')], 'auto', false), ['container'])
})

test('all containers of a task are of one kind', async () => {
  assert.deepEqual(await kindOf([image('source'), image('image')]), ['container'])
})

test('a runtime that was asked for runs everything', async () => {
  assert.deepEqual(await kindOf([image('source')], 'container'), ['container'])
  assert.deepEqual(await kindOf([image('image')], 'process'), ['process'])
})
