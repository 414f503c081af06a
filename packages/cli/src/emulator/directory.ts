/** Where the emulator of `baton up` keeps its state, below the state directory. */
import { join } from 'node:path'

export const emulatorDir = (stateDir: string) => join(stateDir, 'emulator')
