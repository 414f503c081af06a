/** All targets, in the order in which a round tries them. */
import type { Target } from '../target.ts'
import { balancerTarget } from './balancer.ts'
import { edgeTarget } from './edge.ts'
import { expressionsTarget } from './expressions.ts'
import { foldersTarget } from './folders.ts'
import { http2Target } from './http2-frames.ts'
import { lambdaZipTarget } from './lambda-zip.ts'
import { layersTarget } from './layers.ts'
import { signedChunksTarget } from './signed-chunks.ts'
import { wireTarget } from './wire.ts'

export const targets: readonly Target[] = [
  wireTarget,
  signedChunksTarget,
  balancerTarget,
  http2Target,
  edgeTarget,
  expressionsTarget,
  foldersTarget,
  layersTarget,
  lambdaZipTarget,
]
