/** Where the region of `baton up` keeps its state, below the state directory. */
import { join } from 'node:path'

export const regionDir = (stateDir: string) => join(stateDir, 'region')
