/** The same layers under another configuration: the labels and variables of a version. */
import { asOciLayer } from './assemble.ts'
import { writeImage } from './layout.ts'
import type { ContainerConfig, Image } from './oci.ts'

export interface ConfigurationChange {
  readonly labels?: Readonly<Record<string, string>>
  /** Variables; those that the image has already are replaced. */
  readonly environment?: Readonly<Record<string, string>>
  /** The whole command line, in place of entry point and command. */
  readonly command?: readonly string[]
}

/** The image with its configuration changed; no layer is written. */
export async function configured(image: Image, change: ConfigurationChange): Promise<Image> {
  const before: ContainerConfig = image.config.config ?? {}
  const { labels = {}, environment = {}, command } = change
  const replaced = new Set(Object.keys(environment))
  const kept = (before.Env ?? []).filter((line) => !replaced.has(line.split('=')[0] ?? ''))
  const { Entrypoint: _entryPoint, ...withoutEntryPoint } = before
  const config: ContainerConfig = {
    ...(command ? withoutEntryPoint : before),
    Env: [...kept, ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)],
    Labels: { ...before.Labels, ...labels },
    ...(command ? { Cmd: command } : {}),
  }
  const { layers, annotations } = image.manifest
  return writeImage(image.layout, { ...image.config, config }, layers.map(asOciLayer), annotations)
}
