/** Whether the machine has a container engine, asked before work is begun that needs one. */
import { NoEngineError } from '../runtime/container/engine/engine-error.ts'
import { findEngine } from '../runtime/container/engine/find-engine.ts'
import { EmulatorError } from './emulator-error.ts'

/** `what` needs it. Throws `EmulatorError`, which says what was looked for and what to install or to start. */
export async function requireEngine(what: string): Promise<void> {
  try {
    const engine = await findEngine()
    engine.client.close()
  } catch (error) {
    if (!(error instanceof NoEngineError)) throw error
    throw new EmulatorError(`Containers are needed for ${what}. ${error.message}`, error.fix)
  }
}
