/** Whether the engine's machine can run an image: by its own architecture, or by an emulation that is registered. */
import { readFileSync } from 'node:fs'
import type { ImageConfig } from '../../../services/ecr/contract.ts'
import type { Engine } from '../engine/find-engine.ts'

/** By which name QEMU registers itself. https://docs.kernel.org/admin-guide/binfmt-misc.html */
const qemuNames: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64', arm: 'arm' }

/** In ECS's words, with what can be done here; undefined where the image can run. */
export function refusalOfArchitecture(
  engine: Pick<Engine, 'architecture' | 'emulatesArchitectures' | 'isLocal'>,
  { architecture, os }: ImageConfig,
): string | undefined {
  if (os === 'linux' && runs(engine, architecture)) return undefined
  return (
    `CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/${engine.architecture}': ` +
    `the image is for ${os}/${architecture}. Build it for ${engine.architecture} or for several platforms, or register ` +
    `an emulation: docker run --privileged --rm tonistiigi/binfmt --install ${architecture}`
  )
}

function runs(
  { architecture: own, emulatesArchitectures, isLocal }: Parameters<typeof refusalOfArchitecture>[0],
  architecture: string,
): boolean {
  return architecture === own || emulatesArchitectures || (isLocal && isRegistered(architecture))
}

function isRegistered(architecture: string): boolean {
  const name = qemuNames[architecture]
  if (name === undefined) return false
  try {
    return readFileSync(`/proc/sys/fs/binfmt_misc/qemu-${name}`, 'utf8').startsWith('enabled')
  } catch {
    return false
  }
}
