/** From a platform to Terraform: the same bytes for the same platform, whatever the folder. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Platform } from '@baton/config'
import { App, TerraformElement } from 'cdktn'
import { extend } from './extension.ts'
import { bootstrapStack } from './stacks/bootstrap.ts'
import type { PlatformAssets } from './stacks/foundation.ts'
import { platformStack } from './stacks/platform.ts'
import { type Asset, functionAsset } from './terraform/assets.ts'
import type { BatonStack } from './terraform/stack.ts'

export type StackName = 'bootstrap' | 'platform'

export interface SynthesizedStack {
  readonly name: StackName
  /** Holds `cdk.tf.json` and its assets. */
  readonly folder: string
}

/** The first versions with lock files in S3, ephemeral values and write-only attributes. */
const targetVersions = { terraform: '>=1.11.0', opentofu: '>=1.11.0' }

/**
 * The version that Terraform demands, in a file of its own beside `cdk.tf.json`. Checkov cannot parse a plain value in
 * a `terraform` block (bridgecrewio/checkov#7454) and passes over a block that is written as a list of lists, which
 * means the same in JSON's syntax: https://developer.hashicorp.com/terraform/language/syntax/json#nested-block-mapping
 */
const versions = { file: 'versions.tf.json', content: { terraform: [[{ required_version: '>= 1.11.0' }]] } }

/** Writes both stacks below `outDir`, in the order in which they are applied. Throws `ConfigurationError`. */
export async function synth(
  platform: Platform,
  options: { outDir: string },
): Promise<{ stacks: SynthesizedStack[] }> {
  await mkdir(options.outDir, { recursive: true })
  const app = new App({ outdir: options.outDir, context: { targetVersions } })
  const assets = await assetsOf(platform)
  const stacks = {
    bootstrap: bootstrapStack(app, platform),
    platform: platformStack(app, platform, assets),
  }
  await extend(platform, stacks)
  for (const stack of Object.values(stacks)) refuseDuplicates(stack)
  app.synth()
  const written: SynthesizedStack[] = (['bootstrap', 'platform'] as const).map((name) => ({
    name,
    folder: join(options.outDir, 'stacks', name),
  }))
  for (const { folder } of written)
    await writeFile(join(folder, versions.file), `${JSON.stringify(versions.content, null, 2)}\n`)
  await writeAssets(join(options.outDir, 'stacks', 'platform'), Object.values(assets))
  return { stacks: written }
}

/** The Lambda functions that the platform needs. */
async function assetsOf({ delivery, jobs }: Platform): Promise<PlatformAssets> {
  return {
    ...(delivery.smokeTest ? { smokeTest: await functionAsset('smoke-test') } : {}),
    ...(jobs.length > 0 ? { jobLimits: await functionAsset('job-limits') } : {}),
  }
}

async function writeAssets(folder: string, assets: readonly Asset[]): Promise<void> {
  await rm(join(folder, 'assets'), { recursive: true, force: true })
  for (const { file, content } of assets) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), content)
  }
}

/** Two elements of one type and id would silently be merged. */
function refuseDuplicates(stack: BatonStack): void {
  const seen = new Map<string, string>()
  for (const node of stack.node.findAll()) {
    if (!TerraformElement.isTerraformElement(node) || !(node instanceof TerraformElement)) continue
    const address = `${node.constructor.name} ${node.friendlyUniqueId}`
    const other = seen.get(address)
    if (other !== undefined)
      throw new Error(`${node.node.path} and ${other} would be one resource: ${address}`)
    seen.set(address, node.node.path)
  }
}
