/**
 * The synthesized stacks with Terraform over them. What only AWS needs is in separate files beside `cdk.tf.json`, so
 * that the synthesized Terraform is the same wherever it is applied.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { bucketName, type Platform } from '@baton/config'
import { type StackName, synth } from '@baton/infra'
import { findTerraform, openTerraform, type Terraform } from '@baton/terraform'
import { placeFiles } from '../../stack/files.ts'
import type { Terminal } from '../../terminal.ts'
import { progressReporter } from '../terminal/progress-reporter.ts'

export interface StackOptions {
  /**
   * Name of the bucket that has the state, verified to be this account's own; undefined while there is none: the stack is
   * planned then, and never applied.
   */
  readonly bucket: string | undefined
  /** More files for the folder: name → content, written as JSON. */
  readonly files?: Readonly<Record<string, object>>
}

/** Opens a stack: its folder is ready and Terraform is initialized. */
export type OpenStack = (name: StackName, options: StackOptions) => Promise<Terraform>

/** Synthesizes the platform for AWS and opens its stacks. Throws `TerraformError` and `ConfigurationError`. */
export async function openStacks(
  platform: Platform,
  options: { readonly stateDir: string; readonly terminal: Terminal; readonly signal?: AbortSignal },
): Promise<OpenStack> {
  const binary = await findTerraform()
  options.terminal.note(`${binary.product} ${binary.version} (${binary.path})`)
  const outDir = join(options.stateDir, 'aws')
  await mkdir(outDir, { recursive: true, mode: 0o700 })
  const { stacks } = await synth(platform, { outDir })
  return async (name, { bucket, files = {} }) => {
    const folder = stacks.find((stack) => stack.name === name)?.folder
    if (folder === undefined) throw new Error(`invariant: ${name} is synthesized`)
    await placeFiles(folder, {
      ...noFiles,
      ...(bucket === undefined ? { 'backend_override.tf.json': localBackend } : {}),
      ...(bucket !== undefined && bucket !== bucketName(platform, 'state') && name === 'bootstrap'
        ? { 'state_bucket_override.tf.json': bucketOverride(bucket) }
        : {}),
      ...(process.env.AWS_ENDPOINT_URL ? { 'endpoint_override.tf.json': pathStyle } : {}),
      ...files,
    })
    const terraform = openTerraform(binary, {
      folder,
      onEvent: progressReporter(options.terminal, name),
      ...(options.signal ? { signal: options.signal } : {}),
    })
    options.terminal.progress({ target: name, step: 'initialize Terraform', state: 'started' })
    await terraform.init(
      bucket === undefined
        ? {}
        : {
            backendConfig: {
              bucket,
              ...(process.env.AWS_ENDPOINT_URL ? { use_path_style: 'true' } : {}),
            },
          },
    )
    return terraform
  }
}

/** Files that an earlier run may have left: those that are not written again are deleted. */
const noFiles: Readonly<Record<string, object | undefined>> = {
  'adopt.tf.json': undefined,
  'backend_override.tf.json': undefined,
  'endpoint_override.tf.json': undefined,
  'final_snapshot_override.tf.json': undefined,
  'state_bucket_override.tf.json': undefined,
}

/** The bucket is created before Terraform runs: the first plan imports it, and later ones have it in their state. */
export const adoptStateBucket = (bucket: string) => ({
  'adopt.tf.json': { import: [{ to: 'aws_s3_bucket.state', id: bucket }] },
})

/** The synthesized stack cannot know the account, which the name of a new platform's bucket contains. */
const bucketOverride = (bucket: string) => ({ resource: { aws_s3_bucket: { state: { bucket } } } })

/** An override replaces the stack's own backend: https://developer.hashicorp.com/terraform/language/files/override */
const localBackend = { terraform: { backend: { local: { path: 'nowhere.tfstate' } } } }

/** Custom endpoints rarely have a host name for every bucket. */
const pathStyle = { provider: { aws: { s3_use_path_style: true } } }
