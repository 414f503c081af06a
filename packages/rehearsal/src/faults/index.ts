/**
 * Faults that a rehearsal lays over a version of a service, whatever the service is made of: labels of its image, by
 * which the emulator plays the fault between the load balancer and the task. One is played by the image itself: its
 * command is started through a shell.
 */
import { configured, type Image } from '@baton/image'

export type Fault =
  | 'short-keep-alive'
  | 'default-keep-alive'
  | 'exits-at-once'
  | 'swallows-sigterm'
  | 'ready-too-early'
  | 'never-healthy'
  | 'fails-requests'

/** The image with the fault; the answers that the emulator gives in its place name the version. */
export function withFault(image: Image, fault: Fault, version: string): Promise<Image> {
  if (fault === 'swallows-sigterm') return startedThroughShell(image)
  return configured(image, { labels: { 'dev.baton.fault': fault, 'dev.baton.version': version } })
}

/** A shell that waits for its child passes no signal on, and as the first process of a container it ends by none. */
function startedThroughShell(image: Image): Promise<Image> {
  const { Entrypoint: entryPoint = [], Cmd: command = [] } = image.config.config ?? {}
  const words = [...entryPoint, ...command].map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
  return configured(image, { command: ['/bin/sh', '-c', `${words.join(' ')}; exit $?`] })
}
