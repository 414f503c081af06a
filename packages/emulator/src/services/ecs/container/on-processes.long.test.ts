import { createProcessRuntime } from '../../../runtime/index.ts'
import { behavesOnARuntime } from '../test-kit/on-a-runtime.test-kit.ts'

behavesOnARuntime({ skip: false, timeout: 60_000 }, createProcessRuntime)
