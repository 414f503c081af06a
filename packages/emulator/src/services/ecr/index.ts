/**
 * Elastic Container Registry: repositories, and the images in them, behind both of their protocols: the AWS API and
 * the OCI distribution protocol by which Docker clients push and pull. Blobs are files below the emulator's
 * state directory, stored once however many repositories hold them.
 *
 * - By design: the registry is reached at the API's own address (`proxyEndpoint`), over plain HTTP; blobs are
 *   answered directly instead of by a redirect to S3; every valid token may do everything.
 * - Quirks kept: tags that are immutable refuse another image (`TAG_INVALID`); removing the last tag by tag removes
 *   the image; life-cycle rules expire images that are in use. Deletion over the registry protocol is refused.
 * - Quirk not kept: pushing the very image again that an immutable tag names succeeds over the registry protocol.
 * - Gaps, refused by name: layers over the AWS API (InitiateLayerUpload …), scanning and its findings, replication,
 *   pull-through caches, registry policies, the referrers API.
 */
import { join } from 'node:path'
import * as sdk from '@aws-sdk/client-ecr'
import type { OperationHandler } from '../../protocol/api.ts'
import type { EmulatorContext } from '../../service.ts'
import { createAuthorization } from './authorization.ts'
import { createBlobStore } from './blobs.ts'
import type { Ecr, ImagesRemoved } from './contract.ts'
import { createDataPlane } from './data-plane.ts'
import { createImageOperations } from './image-operations.ts'
import { findImage } from './images.ts'
import { expiredImages, parseLifecyclePolicy } from './lifecycle-policy.ts'
import { checkRegistry, createRepositoryOperations } from './operations.ts'
import { createDataSourceTypes, createResourceTypes } from './resources.ts'
import { createState } from './state.ts'

const dayMs = 24 * 60 * 60 * 1000

/** `proxyEndpoint` is where the API and the registry are reached, asked for at each use. */
export function createEcr(
  context: EmulatorContext,
  dependencies: { proxyEndpoint: () => string; imagesRemoved?: ImagesRemoved },
): Ecr {
  const { proxyEndpoint, imagesRemoved } = dependencies
  const blobs = createBlobStore(join(context.stateDir, 'ecr'))
  const state = createState(context, blobs, imagesRemoved)
  const authorization = createAuthorization(context)
  const operations = {
    ...createRepositoryOperations({ context, state, authorization, proxyEndpoint }),
    ...createImageOperations({ context, state }),
  }
  let stopExpiring = () => {}

  function expire(): void {
    for (const { name, lifecyclePolicy } of state.repositories()) {
      if (lifecyclePolicy === undefined) continue
      const ageDays = ({ pushedAt }: { pushedAt: number }) =>
        (context.clock.now() - pushedAt) / context.clock.toReal(dayMs)
      const images = state.images(name)
      // What an index names stays as long as the index does.
      const named = new Set(images.flatMap((image) => image.manifests))
      const candidates = images.filter(({ digest }) => !named.has(digest))
      const expired = expiredImages(parseLifecyclePolicy(lifecyclePolicy), candidates, ageDays)
      for (const image of expired) state.deleteImage(image)
    }
  }

  return {
    name: 'ecr',
    api: {
      signingName: 'ecr',
      // A manifest of 4 MiB.
      bodyBytesMax: 6 * 1024 * 1024,
      protocol: 'json-1.1',
      sdk,
      operations: guarded(operations, context.accountId),
    },
    resourceTypes: createResourceTypes(context, state),
    dataSourceTypes: createDataSourceTypes(context, state),
    serve: createDataPlane({ state, blobs, authorization, proxyEndpoint }),
    image: (reference) => findImage(context, state, blobs, reference),
    async start() {
      blobs.sweep(state.isHeld)
      await blobs.removeStale(dayMs)
      // AWS expires images within 24 hours of their becoming eligible.
      // https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
      stopExpiring = context.clock.everyAws(dayMs, expire)
    },
    async stop() {
      stopExpiring()
    },
  }
}

/** Every operation on a repository may name a registry; only this account's is here. */
function guarded(
  operations: Record<string, OperationHandler>,
  accountId: string,
): Record<string, OperationHandler> {
  return Object.fromEntries(
    Object.entries(operations).map(([name, handle]) => [
      name,
      (input, call) => {
        checkRegistry(input, accountId)
        return handle(input, call)
      },
    ]),
  )
}
