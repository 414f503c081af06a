/**
 * The escape hatch: `baton.infra.ts` beside the configuration may add resources or override those of Baton, with
 * CDK Terrain's own constructs. Its default export gets both stacks before they are written:
 *
 *     import { findResource, type Extension } from '@baton/infra'
 *
 *     export default (({ platform }) => {
 *       findResource(platform, 'aws_lb.main').addOverride('idle_timeout', 120)
 *     }) satisfies Extension
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigurationError, type Platform } from '@baton/config'
import { TerraformResource } from 'cdktn'
import type { BatonStack } from './terraform/stack.ts'

export interface Stacks {
  readonly bootstrap: BatonStack
  readonly platform: BatonStack
}

/** What `baton.infra.ts` exports by default. */
export type Extension = (stacks: Stacks) => void | Promise<void>

const fileName = 'baton.infra.ts'

/** The resource of an address such as `aws_lb.main`; throws when there is none. */
export function findResource(stack: BatonStack, address: string): TerraformResource {
  const found = stack.node
    .findAll()
    .filter((node) => TerraformResource.isTerraformResource(node))
    .find(
      (node) =>
        node instanceof TerraformResource &&
        `${node.terraformResourceType}.${node.friendlyUniqueId}` === address,
    )
  if (found instanceof TerraformResource) return found
  throw new Error(`${fileName}: there is no ${address} in the stack ${stack.node.id}`)
}

/** Runs the extension where there is one. Throws `ConfigurationError` when it cannot be used. */
export async function extend(platform: Platform, stacks: Stacks): Promise<void> {
  const file = join(platform.rootDir, fileName)
  if (!existsSync(file)) return
  try {
    const module: { default?: unknown } = await import(pathToFileURL(file).href)
    if (!isExtension(module.default)) throw new Error(`${fileName} has no function as its default export`)
    await module.default(stacks)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new ConfigurationError([{ path: fileName, message, fix: 'Correct the file, or remove it.' }], {
      cause: error,
    })
  }
}

const isExtension = (value: unknown): value is Extension => typeof value === 'function'
