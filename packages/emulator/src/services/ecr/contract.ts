/** What ECR offers ECS: images by reference, as they were pushed. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Service } from '../../service.ts'

/** https://github.com/opencontainers/image-spec/blob/main/config.md, as far as a task needs it. */
export interface ImageConfig {
  readonly architecture: string
  readonly os: string
  readonly config?: {
    readonly Env?: readonly string[]
    readonly Entrypoint?: readonly string[]
    readonly Cmd?: readonly string[]
    readonly WorkingDir?: string
    readonly User?: string
    /** `SIGTERM` where the image is silent. */
    readonly StopSignal?: string
    readonly Labels?: Readonly<Record<string, string>>
  }
}

export interface StoredImage {
  readonly digest: string
  readonly config: ImageConfig
  /** In order, lowest first. Those annotated `dev.baton.layer=application` are what the process runtime runs. */
  readonly layers: readonly {
    readonly digest: string
    readonly mediaType: string
    readonly annotations: Readonly<Record<string, string>>
    /** The blob on this machine: a tar, gzipped or not as `mediaType` says. */
    readonly file: string
  }[]
}

export interface Ecr extends Service {
  /** `<account>.dkr.ecr.<region>.amazonaws.com/<repository>[:tag|@digest]`; undefined when there is no such image. */
  image(reference: string): StoredImage | undefined
  /** The registry protocol: true when the request was below `/v2/` and is being answered. */
  serve(request: IncomingMessage, response: ServerResponse): boolean
}

/** Called after images were removed, so that what was made of them can be removed too; resolves when that is done. */
export type ImagesRemoved = (isKept: (digest: string) => boolean) => Promise<void>
