import { after, before } from 'node:test'
import { removeEverything } from '../../../runtime/container/leftovers.ts'
import { createContainerRuntime } from '../../../runtime/index.ts'
import { engineMissing, type TestEngine, testEngine } from '../../../runtime/test-kit/engine.test-kit.ts'
import { behavesOnARuntime } from '../test-kit/on-a-runtime.test-kit.ts'

let engine: TestEngine | undefined
before(async () => {
  if (!engineMissing) engine = await testEngine()
})
const noDoors = { names: () => [], serve: () => undefined }
behavesOnARuntime({ skip: engineMissing, timeout: 120_000 }, (context) => {
  const runtime = createContainerRuntime(context, noDoors)
  return {
    ...runtime,
    async close() {
      await runtime.close()
      await removeEverything(context.stateDir)
    },
  }
})
after(() => engine?.[Symbol.asyncDispose]())
