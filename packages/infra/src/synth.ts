/** From a platform to Terraform: the same bytes for the same platform, whatever the folder. */
import { join } from 'node:path'
import type { Platform } from '@baton/config'
import { App } from 'cdktn'
import type { BatonStack } from './stack.ts'
import { bootstrapStack } from './stacks/bootstrap.ts'
import { platformStack } from './stacks/platform.ts'

export type StackName = 'bootstrap' | 'platform'

export interface SynthesizedStack {
  readonly name: StackName
  /** Holds `cdk.tf.json` and its assets. */
  readonly folder: string
}

/** The first that know lock files, ephemeral values and write-only attributes. */
const targetVersions = { terraform: '>=1.11.0', opentofu: '>=1.11.0' }

/** Writes both stacks below `outDir`, in the order in which they are applied. */
export async function synth(
  platform: Platform,
  options: { outDir: string },
): Promise<{ stacks: SynthesizedStack[] }> {
  const app = new App({ outdir: options.outDir, context: { targetVersions } })
  const stacks: { name: StackName; stack: BatonStack }[] = [
    { name: 'bootstrap', stack: bootstrapStack(app, platform) },
    { name: 'platform', stack: platformStack(app, platform) },
  ]
  app.synth()
  return { stacks: stacks.map(({ name }) => ({ name, folder: join(options.outDir, 'stacks', name) })) }
}
